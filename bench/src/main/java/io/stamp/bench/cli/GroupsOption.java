package io.stamp.bench.cli;

import io.stamp.prune.GroupPolicy;
import picocli.CommandLine.Option;

/** Which channel groups a generator makes masks for; used with {@code @Mixin}. */
public final class GroupsOption {
    @Option(
            names = "--groups",
            paramLabel = "POLICY",
            defaultValue = "inner+stage",
            description =
                    "Channels that get masks and may be removed, inner or inner+stage (default: ${DEFAULT-VALUE}).")
    private String policy;

    /** @throws io.stamp.engine.StampException where there is no such policy */
    public GroupPolicy policy() {
        return GroupPolicy.parse(policy);
    }
}
