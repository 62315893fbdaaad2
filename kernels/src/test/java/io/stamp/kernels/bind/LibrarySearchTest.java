package io.stamp.kernels.bind;

import static org.assertj.core.api.Assertions.assertThat;

import io.stamp.kernels.bind.Attempt.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The search on made-up folders, with a loader that opens every file but the broken ones. */
class LibrarySearchTest {
    private static final String BROKEN = "libz.so.9: cannot open shared object file: No such file or directory";

    @TempDir
    private Path root;

    private final Map<String, String> properties = new HashMap<>();
    private final Map<String, String> variables = new HashMap<>();

    /** What the system's loader knows: a name and where it leads. */
    private final Map<String, Path> system = new HashMap<>();

    /** Libraries that the search has left open. */
    private int open;

    private final LibraryLoader loader = new LibraryLoader() {
        @Override
        public long open(String fileOrName) throws LoadFailure {
            boolean file = fileOrName.startsWith("/");
            if (!file && !system.containsKey(fileOrName)) {
                throw new LoadFailure(fileOrName + ": cannot open shared object file: No such file or directory");
            }
            if (file && isBroken(Path.of(fileOrName))) {
                throw new LoadFailure(BROKEN);
            }
            open++;
            return 1;
        }

        @Override
        public void close(long handle) {
            open--;
        }

        @Override
        public Optional<Path> loadedFrom(String fileName) {
            return Optional.of(system.get(fileName));
        }
    };

    private static boolean isBroken(Path file) {
        try {
            return Files.readString(file).equals("broken");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Path library(String folder, String name) throws IOException {
        return file(folder, name, "library");
    }

    private Path file(String folder, String name, String content) throws IOException {
        Path path = root.resolve(folder).resolve(name);
        Files.createDirectories(path.getParent());
        return Files.writeString(path, content);
    }

    private Finding find(CudaLibrary library) {
        return LibrarySearch.find(library, new Environment(properties::get, variables::get, root), loader);
    }

    private static List<Outcome> outcomes(Finding finding) {
        return finding.attempts().stream().map(Attempt::outcome).toList();
    }

    @Test
    void placesAreTriedInTheDocumentedOrder() throws IOException {
        Path named = library("named", "libcublasLt.so.12");
        properties.put("stamp.cuda.library.cublasLt", named.toString());
        properties.put("stamp.cuda.path", root.resolve("nothing") + ":" + root.resolve("path"));
        Path byPath = library("path/lib64", "libcublasLt.so.12");
        variables.put("STAMP_CUDA_PATH", root.resolve("variable").toString());
        Path byVariable = library("variable", "libcublasLt.so.12");
        variables.put("CUDA_HOME", root.resolve("home").toString());
        Path byHome = library("home/targets/x86_64-linux/lib", "libcublasLt.so.12");
        Path bySystem = library("system", "libcublasLt.so.12");
        system.put("libcublasLt.so.12", bySystem);
        Path byToolkit = library("usr/local/cuda-12.6/lib64", "libcublasLt.so.12");
        Path byPython = library("usr/lib/python3.12/dist-packages/nvidia/cublas/lib", "libcublasLt.so.12");

        for (Path expected : List.of(named, byPath, byVariable, byHome, bySystem, byToolkit, byPython)) {
            Finding found = find(CudaLibrary.CUBLAS_LT);
            assertThat(found.file()).contains(expected.toString());
            assertThat(outcomes(found).getLast()).isEqualTo(Outcome.TAKEN);
            Files.delete(expected);
            properties.remove("stamp.cuda.library.cublasLt");
            if (expected.equals(bySystem)) {
                system.clear();
            }
        }

        Finding nothing = find(CudaLibrary.CUBLAS_LT);
        assertThat(nothing.found()).isFalse();
        assertThat(outcomes(nothing)).containsOnly(Outcome.ABSENT);
        assertThat(nothing.attempts().stream().map(Attempt::path))
                .contains(root.resolve("nothing").toString(), "libcublasLt.so.13", "libcublasLt.so.12")
                .contains(byPython.getParent().toString());
        assertThat(nothing.whyMissing())
                .startsWith("cuBLASLt (libcublasLt.so.13 or libcublasLt.so.12) was not found: none of the "
                        + nothing.attempts().size() + " places tried has it")
                .endsWith("-Dstamp.cuda.library.cublasLt=FILE, or its folder with -Dstamp.cuda.path=FOLDER.");
    }

    @Test
    void theNewerVersionOfOneFolderIsPreferred() throws IOException {
        properties.put("stamp.cuda.path", root.resolve("both").toString());
        library("both", "libcublasLt.so.12");
        Path newer = library("both", "libcublasLt.so.13");

        assertThat(find(CudaLibrary.CUBLAS_LT).file()).contains(newer.toString());
    }

    @Test
    void aFileThatDoesNotLoadIsPassedOverWithTheLoadersWords() throws IOException {
        variables.put("CUDNN_PATH", root.resolve("bad").toString());
        Path broken = file("bad/lib", "libcudnn.so.9", "broken");
        Path good = library("usr/local/cuda-13.0/lib64", "libcudnn.so.9");

        Finding found = find(CudaLibrary.CUDNN);
        assertThat(found.file()).contains(good.toString());
        assertThat(found.attempts())
                .contains(new Attempt(broken.toString(), "variable CUDNN_PATH", Outcome.REFUSED, BROKEN + "."));

        Files.delete(good);
        assertThat(find(CudaLibrary.CUDNN).whyMissing())
                .contains(broken + " does not load, because " + BROKEN + ". Give its file");
    }

    @Test
    void aNamedFileIsUsedOrNothing() throws IOException {
        library("usr/local/cuda/lib64", "libcudnn.so.9");
        Path absent = root.resolve("absent.so");
        properties.put("stamp.cuda.library.cudnn", absent.toString());

        Finding found = find(CudaLibrary.CUDNN);

        assertThat(found.found()).isFalse();
        assertThat(found.attempts())
                .containsExactly(new Attempt(
                        absent.toString(),
                        "property stamp.cuda.library.cudnn",
                        Outcome.ABSENT,
                        "there is no such file."));
    }

    @Test
    void theDriverIsNotSearchedInToolkits() throws IOException {
        variables.put("CUDA_HOME", root.resolve("home").toString());
        library("home/lib64", "libcuda.so.1");
        library("usr/local/cuda/lib64", "libcuda.so.1");
        assertThat(find(CudaLibrary.CUDA).found()).isFalse();

        Path installed = library("usr/lib64", "libcuda.so.1");
        assertThat(find(CudaLibrary.CUDA).file()).contains(installed.toString());
    }

    @Test
    void aToolkitUnderTwoNamesIsTriedOnce() throws IOException {
        Files.createDirectories(root.resolve("usr/local/cuda-13.0/lib64"));
        Files.createSymbolicLink(root.resolve("usr/local/cuda"), root.resolve("usr/local/cuda-13.0"));

        assertThat(find(CudaLibrary.CUDNN).attempts().stream()
                        .filter(attempt -> attempt.origin().equals("toolkit"))
                        .map(Attempt::path))
                .containsExactly(
                        root.resolve("usr/local/cuda-13.0").toString(),
                        root.resolve("usr/local/cuda-13.0/lib64").toString());
    }

    @Test
    void environmentsOfPythonAreSearched() throws IOException {
        variables.put("VIRTUAL_ENV", root.resolve("venv").toString());
        Path inEnvironment = library("venv/lib/python3.11/site-packages/nvidia/cudnn/lib", "libcudnn.so.9");

        assertThat(find(CudaLibrary.CUDNN).file()).contains(inEnvironment.toString());
    }

    @Test
    void theEnvironmentOfTheSearchPathsPythonIsSearchedThroughLinks() throws IOException {
        Path inEnvironment = library("srv/torch/lib/python3.12/site-packages/nvidia/cudnn/lib", "libcudnn.so.9");
        Path interpreter = file("usr/bin", "python3.12", "python");
        Path ofEnvironment = file("srv/torch/bin", "python3", "to be replaced");
        Files.delete(ofEnvironment);
        Files.createSymbolicLink(ofEnvironment, interpreter);
        Path tools = Files.createDirectories(root.resolve("tools"));
        Files.createSymbolicLink(tools.resolve("python3"), Path.of("../srv/torch/bin/python3"));
        variables.put("PATH", root.resolve("nowhere") + "::" + tools);

        assertThat(find(CudaLibrary.CUDNN).file()).contains(inEnvironment.toString());
    }

    @Test
    void aPythonThatIsALinkToItselfIsPassedOver() throws IOException {
        Path tools = Files.createDirectories(root.resolve("tools"));
        Files.createSymbolicLink(tools.resolve("python3"), Path.of("python3"));
        variables.put("PATH", tools.toString());

        assertThat(find(CudaLibrary.CUDNN).found()).isFalse();
    }

    @Test
    void environmentsOfProgramsUnderOptAreSearched() throws IOException {
        Path inEnvironment =
                library("opt/torch/.venv/lib/python3.12/site-packages/nvidia/cu13/lib", "libcublasLt.so.13");

        assertThat(find(CudaLibrary.CUBLAS_LT).file()).contains(inEnvironment.toString());
    }

    /** As distributions install it: a link to the file with the version. */
    private Path linked(String folder, String version) throws IOException {
        Path file = library(folder, "libcudnn.so." + version);
        return Files.createSymbolicLink(file.resolveSibling("libcudnn.so.9"), file.getFileName());
    }

    /** As Python packages have it: no links, the version in a header. */
    private Path packaged(String python, int minor) throws IOException {
        String cudnn = python + "/site-packages/nvidia/cudnn/";
        file(
                cudnn + "include",
                "cudnn_version.h",
                "#define CUDNN_MAJOR 9\n#define CUDNN_MINOR " + minor + "\n#define CUDNN_PATCHLEVEL 0\n");
        return library(cudnn + "lib", "libcudnn.so.9");
    }

    @Test
    void ofSeveralCudnnTheNewestIsTakenAndTheOthersAreTold() throws IOException {
        Path ofSystem = linked("system", "9.14.0");
        system.put("libcudnn.so.9", ofSystem);
        linked("usr/local/cuda-13.0/lib64", "9.2.1");
        variables.put("VIRTUAL_ENV", root.resolve("venv").toString());
        Path ofPython = packaged("venv/lib/python3.12", 19);
        Path untold = library("usr/lib/python3.11/dist-packages/nvidia/cudnn/lib", "libcudnn.so.9");

        Finding found = find(CudaLibrary.CUDNN);

        assertThat(found.file()).contains(ofPython.toString());
        assertThat(open).isEqualTo(1);
        assertThat(found.attempts())
                .contains(new Attempt(
                        "libcudnn.so.9",
                        "the system's loader",
                        Outcome.PASSED_OVER,
                        "it is version 9.14.0, and " + ofPython + ", version 9.19.0, is used."));
        assertThat(found.attempts().stream()
                        .filter(attempt -> attempt.outcome() == Outcome.PASSED_OVER)
                        .map(Attempt::reason))
                .hasSize(3)
                .anyMatch(reason -> reason.startsWith("it is version 9.2.1, "));
        assertThat(found.attempts())
                .anyMatch(attempt -> attempt.path().equals(untold.toString())
                        && attempt.reason().startsWith("it is of an unknown version, and "));
    }

    @Test
    void theSystemsCudnnIsTakenWhereItIsTheNewest() throws IOException {
        Path ofSystem = linked("system", "9.19.1");
        system.put("libcudnn.so.9", ofSystem);
        Path ofPython = packaged("usr/lib/python3.12", 19);

        Finding found = find(CudaLibrary.CUDNN);

        assertThat(found.file()).contains(ofSystem.toString());
        assertThat(open).isEqualTo(1);
        assertThat(found.attempts())
                .anyMatch(attempt ->
                        attempt.path().equals(ofPython.toString()) && attempt.outcome() == Outcome.PASSED_OVER);
    }

    @Test
    void aFolderThatSomebodyNamedComesBeforeNewerVersions() throws IOException {
        variables.put("CUDNN_PATH", root.resolve("mine").toString());
        Path mine = linked("mine/lib", "9.1.0");
        packaged("usr/lib/python3.12", 19);

        assertThat(find(CudaLibrary.CUDNN).file()).contains(mine.toString());
    }

    @Test
    void theNewestThatOpensIsTaken() throws IOException {
        Path newest = file("usr/lib/python3.12/site-packages/nvidia/cudnn/lib", "libcudnn.so.9", "broken");
        file(
                "usr/lib/python3.12/site-packages/nvidia/cudnn/include",
                "cudnn_version.h",
                "#define CUDNN_MAJOR 9\n#define CUDNN_MINOR 20\n#define CUDNN_PATCHLEVEL 0\n");
        Path older = linked("usr/local/cuda-13.0/lib64", "9.14.0");

        Finding found = find(CudaLibrary.CUDNN);

        assertThat(found.file()).contains(older.toString());
        assertThat(found.attempts())
                .anyMatch(attempt -> attempt.path().equals(newest.toString()) && attempt.outcome() == Outcome.REFUSED);
    }

    @Test
    void oneCudnnUnderTwoNamesIsNotTwo() throws IOException {
        Path ofSystem = linked("usr/local/cuda-13.0/lib64", "9.14.0");
        system.put("libcudnn.so.9", ofSystem);

        assertThat(outcomes(find(CudaLibrary.CUDNN))).contains(Outcome.TAKEN).doesNotContain(Outcome.PASSED_OVER);
    }
}
