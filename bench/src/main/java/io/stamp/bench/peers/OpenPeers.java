package io.stamp.bench.peers;

import io.stamp.engine.StampException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Our engine and others, loaded and ready. */
public final class OpenPeers implements AutoCloseable {
    private final EnginePeer ours;
    private final List<Peer> others = new ArrayList<>();

    /** Opens our engine alone. */
    public OpenPeers(EnginePeer ours) {
        this.ours = ours;
    }

    /**
     * Opens other engines as well.
     *
     * @param folder where their libraries are, see {@link PeerLibraries#find}
     * @param names which of them; null for all
     * @throws StampException if one of them does not exist, or there is none in the list
     * @throws io.stamp.engine.FailedException if one of them does not work here
     */
    public OpenPeers with(Path folder, List<String> names) {
        List<PeerProvider> providers = PeerLibraries.find(folder);
        List<String> known = providers.stream().map(PeerProvider::name).toList();
        List<String> wanted = names == null ? known : names;
        for (String name : wanted) {
            if (!known.contains(name)) {
                throw new StampException("There is no engine '" + name + "' to compare with; choose from "
                        + known.stream().sorted().collect(Collectors.joining(", ")) + ".");
            }
        }
        providers.stream()
                .filter(provider -> wanted.contains(provider.name()))
                .forEach(provider -> others.add(provider.open()));
        return this;
    }

    /** Why no other engine can do some work, a clause for each; empty where at least one can. */
    public List<String> obstacles(Workload workload) {
        List<String> obstacles = new ArrayList<>();
        for (Peer other : others) {
            Optional<String> obstacle = other.obstacle(workload);
            if (obstacle.isEmpty()) {
                return List.of();
            }
            obstacles.add(other.name() + " " + obstacle.get());
        }
        return obstacles;
    }

    public EnginePeer ours() {
        return ours;
    }

    /** Ours first. */
    public List<Peer> all() {
        List<Peer> all = new ArrayList<>();
        all.add(ours);
        all.addAll(others);
        return all;
    }

    /**
     * Everybody with {@code threads}, ours first.
     *
     * @param choice whether those who may be faster on one thread come a second time, with one
     */
    public List<Contest.Entry> entries(int threads, boolean choice) {
        List<Contest.Entry> entries = new ArrayList<>();
        for (Peer peer : all()) {
            entries.add(new Contest.Entry(peer, threads));
            if (choice && threads > 1 && peer.mayPreferOneThread()) {
                entries.add(new Contest.Entry(peer, 1));
            }
        }
        return entries;
    }

    @Override
    public void close() {
        all().reversed().forEach(Peer::close);
    }
}
