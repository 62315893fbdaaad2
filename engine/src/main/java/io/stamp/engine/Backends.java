package io.stamp.engine;

import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds and opens backends. */
public final class Backends {
    public static final String AUTO = "auto";

    /** Backends of STAMP whose providers are not part of every build. */
    private static final List<String> NOT_IN_EVERY_BUILD = List.of("cuda");

    private static final Logger LOG = LoggerFactory.getLogger(Backends.class);

    private Backends() {}

    /** All providers on the class path, most preferred first. */
    public static List<BackendProvider> providers() {
        return ServiceLoader.load(BackendProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .sorted(Comparator.comparingInt(BackendProvider::preference).reversed())
                .toList();
    }

    /** Names of backends that STAMP has, but not in this build: no provider on the class path offers them. */
    public static List<String> missing() {
        List<String> offered = providers().stream().map(BackendProvider::name).toList();
        return NOT_IN_EVERY_BUILD.stream()
                .filter(name -> !offered.contains(name))
                .toList();
    }

    /**
     * Opens a backend. {@code auto} takes the most preferred one that works and logs on level debug why the others did not; a named
     * backend is opened or refused with the reason.
     *
     * @throws FailedException if the backend, or any, does not work on this machine
     */
    public static Backend open(String name, int threads) {
        List<BackendProvider> providers = providers();
        return name.equals(AUTO) ? openFirst(providers, threads) : openNamed(name, providers, threads);
    }

    private static Backend openFirst(List<BackendProvider> providers, int threads) {
        for (BackendProvider provider : providers) {
            Backend.Support support = provider.available();
            if (support.supported()) {
                Backend backend = provider.open(threads);
                LOG.debug("backend {}: {}", backend.name(), backend.description());
                return backend;
            }
            LOG.debug("backend {} not used: {}", provider.name(), support.reason());
        }
        throw new FailedException("No backend works on this machine; run `doctor` to see why.");
    }

    private static Backend openNamed(String name, List<BackendProvider> providers, int threads) {
        BackendProvider provider = providers.stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new StampException((NOT_IN_EVERY_BUILD.contains(name)
                                ? "The backend '" + name + "' is not in this build; choose one of auto, "
                                : "There is no backend '" + name + "'; choose one of auto, ")
                        + providers.stream().map(BackendProvider::name).collect(Collectors.joining(", ")) + "."));
        Backend.Support support = provider.available();
        if (!support.supported()) {
            throw new FailedException("The backend '" + name + "' cannot be used here: " + support.reason());
        }
        return provider.open(threads);
    }
}
