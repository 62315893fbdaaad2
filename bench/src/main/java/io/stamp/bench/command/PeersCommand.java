package io.stamp.bench.command;

import io.stamp.bench.cli.CommonOptions;
import io.stamp.bench.cli.PeerLibrariesOptions;
import io.stamp.bench.cli.Results;
import io.stamp.bench.cli.Seconds;
import io.stamp.bench.measure.Effort;
import io.stamp.bench.measure.Quiet;
import io.stamp.bench.measure.Stopwatch;
import io.stamp.bench.peers.Contest;
import io.stamp.bench.peers.EnginePeer;
import io.stamp.bench.peers.OpenPeers;
import io.stamp.bench.peers.Peer;
import io.stamp.bench.peers.PeerEnvironment;
import io.stamp.bench.peers.PeerMemory;
import io.stamp.bench.peers.PeerWork;
import io.stamp.bench.peers.PeersReport;
import io.stamp.bench.peers.Workload;
import io.stamp.engine.Backend;
import io.stamp.engine.Scope;
import io.stamp.engine.StampException;
import io.stamp.engine.checkpoint.Provenance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares our engine with others, side by side in one process. */
@Command(
        name = "peers",
        mixinStandardHelpOptions = true,
        description = {
            "Compares this engine with PyTorch, ONNX Runtime and OpenBLAS: the same networks with the same weights, whose"
                    + " outputs have to agree first, the same number of threads, in turns in one process. PyTorch runs networks"
                    + " in both memory layouts, for inference also with batch norm folded, and also on one thread where that"
                    + " may be faster; its best result counts.",
            "The others are not part of the ordinary build: scripts/peers builds them and runs this command.",
            "By default: six networks, the 3x3 convolutions they consist of, and two GEMMs."
        },
        footer = {
            "",
            "What each engine can do:",
            "                       train   infer, single   --conv, --convs   --gemm",
            "  pytorch              yes     yes             yes               yes",
            "  pytorch-nhwc         yes     yes             yes               -",
            "  pytorch-folded       -       yes             -                 -",
            "  pytorch-nhwc-folded  -       yes             -                 -",
            "  onnxruntime          -       yes             -                 -",
            "  openblas             -       -               -                 yes",
            "--rss compares those that train."
        })
public final class PeersCommand implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(PeersCommand.class);

    /** Warm-up at most, in multiples of the time of measuring; steady rates end it earlier. */
    private static final double WARM_UP = 2;

    /**
     * Java options of a process that measures the memory of another engine: its tensors are not in Java's heap, so a small heap, which is
     * collected often, shows them alone. Ours has its tensors there and keeps the options of the program.
     */
    private static final List<String> SMALL_HEAP = List.of("-Xmx256m", "-Xmn48m");

    private static final int USUAL_SECONDS = 5;

    private static final String MEMORY_NETWORK = "vgg19";

    @Mixin
    private PeerWork work;

    @Option(
            names = "--rss",
            description =
                    "Also compare the peak memory of a fresh process that does nothing but train VGG-19, with this engine and"
                            + " with PyTorch; only that if no other work is given.")
    private boolean memory;

    @Option(
            names = "--peers",
            paramLabel = "NAME",
            split = ",",
            description = "Engines to compare with, from the table below (default: all).")
    private List<String> names;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "Seconds to measure each engine on each piece of work, after the warm-up (default: "
                    + USUAL_SECONDS + ").")
    private Double seconds;

    @Mixin
    private PeerLibrariesOptions libraries;

    @Mixin
    private CommonOptions options;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        double each = Seconds.requirePositive("--seconds", seconds == null ? USUAL_SECONDS : seconds);
        int threads = options.threads();
        try (OpenPeers peers = new OpenPeers(new EnginePeer(options.backendName(), threads));
                Scope _ = Scope.open()) {
            PeerEnvironment environment = PeerEnvironment.prepare(libraries.keepEnvironment());
            peers.with(libraries.folder(), names);
            Backend backend = peers.ours().backend(threads);
            List<PeerWork.Round> rounds = work.rounds(memory, threads, options.seed(), backend);
            requireUse(rounds);
            Map<String, String> leftOut = leftOut(peers, rounds);
            List<PeerWork.Round> possible = rounds.stream()
                    .filter(round -> !leftOut.containsKey(round.workload().name()))
                    .toList();
            Quiet quiet = new Quiet();
            Contest contest = new Contest(new Stopwatch(), quiet, new Effort(WARM_UP * each, each, 1));
            PeersReport report = new PeersReport(
                    threads,
                    peers.all().stream()
                            .map(peer -> new PeersReport.Engine(peer.name(), peer.version()))
                            .toList(),
                    contests(peers, possible, contest),
                    leftOut,
                    memory && !leftOut.containsKey(memoryWork().name()) ? memory(peers, threads) : List.of(),
                    quiet.pauses(),
                    quiet.disturbed(),
                    environment,
                    provenance(each, peers, backend));
            Results.print(spec, options, report.lines(), report);
        }
    }

    private void requireUse(List<PeerWork.Round> rounds) {
        if (seconds != null && rounds.isEmpty()) {
            throw new StampException("--seconds belongs to work that is timed, and --rss alone times nothing; omit it"
                    + " or give some work.");
        }
    }

    /**
     * Work that is not compared because none of the other engines can do it, with the reasons.
     *
     * @throws StampException where that is all that was asked for
     */
    private Map<String, String> leftOut(OpenPeers peers, List<PeerWork.Round> rounds) {
        Map<String, String> leftOut = new LinkedHashMap<>();
        List<Workload> asked = new ArrayList<>();
        rounds.forEach(round -> asked.add(round.workload()));
        if (memory) {
            asked.add(memoryWork());
        }
        for (Workload workload : asked) {
            List<String> obstacles = peers.obstacles(workload);
            if (!obstacles.isEmpty()) {
                leftOut.put(workload.name(), String.join(", ", obstacles));
            }
        }
        boolean nothingLeft = asked.stream().allMatch(workload -> leftOut.containsKey(workload.name()));
        if (nothingLeft) {
            throw new StampException("None of the chosen engines can do this work: "
                    + leftOut.values().stream().distinct().collect(Collectors.joining("; "))
                    + ". Choose others with --peers; 'peers --help' has a table of what each engine can do.");
        }
        return leftOut;
    }

    private Workload memoryWork() {
        return new Workload.TrainStep(PeerWork.named(MEMORY_NETWORK, options.seed()), work.batch());
    }

    private static List<PeersReport.WorkResult> contests(
            OpenPeers peers, List<PeerWork.Round> rounds, Contest contest) {
        List<PeersReport.WorkResult> results = new ArrayList<>();
        for (PeerWork.Round round : rounds) {
            LOG.info(
                    "{} of {}: {}",
                    results.size() + 1,
                    rounds.size(),
                    round.workload().name());
            List<Contest.Entry> entries = peers.entries(round.threads(), round.choice());
            results.add(PeersReport.WorkResult.of(round.workload(), contest.run(round.workload(), entries)));
        }
        return results;
    }

    /** Ours first, then every engine that trains. */
    private List<PeerMemory> memory(OpenPeers peers, int threads) {
        List<PeerMemory> all = new ArrayList<>();
        Workload training = memoryWork();
        for (Peer peer : peers.all()) {
            if (peer.obstacle(training).isEmpty()) {
                boolean isOurs = peer == peers.ours();
                LOG.info("memory of {}", peer.name());
                all.add(PeerMemory.ofFreshProcess(memoryArguments(peer, threads), isOurs ? List.of() : SMALL_HEAP));
            }
        }
        return all;
    }

    private List<String> memoryArguments(Peer peer, int threads) {
        List<String> arguments = new ArrayList<>(List.of(
                PeerMemoryCommand.NAME,
                "--peer",
                peer.name(),
                "--model",
                MEMORY_NETWORK,
                "--batch",
                String.valueOf(work.batch()),
                "--threads",
                String.valueOf(threads),
                "--seed",
                String.valueOf(options.seed()),
                "--backend",
                options.backendName()));
        if (libraries.keepEnvironment()) {
            arguments.add("--keep-environment");
        }
        if (libraries.folder() != null) {
            arguments.addAll(List.of("--libraries", libraries.folder().toString()));
        }
        return arguments;
    }

    private Provenance provenance(double each, OpenPeers peers, Backend backend) {
        Map<String, Object> configuration = new LinkedHashMap<>();
        configuration.put("seconds", each);
        configuration.put("batch", work.batch());
        peers.all().forEach(peer -> configuration.put(peer.name(), peer.version()));
        return options.provenance(backend, configuration, Map.of());
    }
}
