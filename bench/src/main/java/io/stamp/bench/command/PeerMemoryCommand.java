package io.stamp.bench.command;

import io.stamp.bench.cli.CommonOptions;
import io.stamp.bench.cli.JsonFile;
import io.stamp.bench.cli.NamedNetwork;
import io.stamp.bench.cli.PeerLibrariesOptions;
import io.stamp.bench.peers.EnginePeer;
import io.stamp.bench.peers.NetworkCase;
import io.stamp.bench.peers.OpenPeers;
import io.stamp.bench.peers.Peer;
import io.stamp.bench.peers.PeerEnvironment;
import io.stamp.bench.peers.PeerMemory;
import io.stamp.bench.peers.PeerWork;
import io.stamp.bench.peers.Workload;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What {@code peers --rss} runs in a process of its own: some steps of training on one engine, and what memory they took, as JSON. */
@Command(
        name = PeerMemoryCommand.NAME,
        hidden = true,
        mixinStandardHelpOptions = true,
        description = "Trains a network for some steps on one engine and prints the memory of this process as JSON.")
public final class PeerMemoryCommand implements Runnable {
    static final String NAME = "peer-memory";

    @Option(names = "--peer", paramLabel = "NAME", required = true, description = "The engine.")
    private String name;

    @Option(names = "--model", paramLabel = NamedNetwork.FORM, required = true, description = "The network.")
    private String model;

    @Option(names = "--batch", paramLabel = "N", required = true, description = "Images a step.")
    private int batch;

    @Mixin
    private PeerLibrariesOptions libraries;

    @Mixin
    private CommonOptions options;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        NetworkCase network = PeerWork.named(model, options.seed());
        boolean isOurs = name.equals(EnginePeer.NAME);
        try (OpenPeers peers = new OpenPeers(new EnginePeer(options.backendName(), options.threads()))) {
            if (!isOurs) {
                PeerEnvironment.prepare(libraries.keepEnvironment());
                peers.with(libraries.folder(), List.of(name));
            }
            Peer peer = peers.all().getLast();
            PeerMemory memory =
                    PeerMemory.ofThisProcess(peer, new Workload.TrainStep(network, batch), options.threads());
            PrintWriter out = spec.commandLine().getOut();
            out.print(JsonFile.text(memory));
            out.flush();
        }
    }
}
