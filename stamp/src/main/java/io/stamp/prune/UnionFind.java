package io.stamp.prune;

import java.util.Arrays;

/** Union-find over channel numbers; the smallest number of a class stands for it. */
final class UnionFind {
    private int[] parent = new int[64];
    private int size;

    /** Adds numbers, each a class of its own. */
    int[] add(int count) {
        if (size + count > parent.length) {
            parent = Arrays.copyOf(parent, Math.max(2 * parent.length, size + count));
        }
        int[] added = new int[count];
        for (int i = 0; i < count; i++) {
            added[i] = size;
            parent[size] = size;
            size++;
        }
        return added;
    }

    int find(int number) {
        int root = number;
        while (parent[root] != root) {
            root = parent[root];
        }
        for (int next = number; next != root; ) {
            int after = parent[next];
            parent[next] = root;
            next = after;
        }
        return root;
    }

    void union(int a, int b) {
        int rootA = find(a);
        int rootB = find(b);
        parent[Math.max(rootA, rootB)] = Math.min(rootA, rootB);
    }

    int size() {
        return size;
    }
}
