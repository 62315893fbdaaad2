package io.stamp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code scripts/fetch-data} against a server on this machine: a copy of the script is tested, with addresses and checksums
 * replaced by those of the server's small files.
 */
@Timeout(60)
class FetchDataTest {
    private static final Path SCRIPT = Path.of("..", "scripts", "fetch-data");

    @TempDir
    private Path directory;

    private Path data;
    private HttpServer server;
    private final Map<String, byte[]> files = new HashMap<>();
    /** What the server sends instead of the file whose checksum the script knows. */
    private final Map<String, byte[]> altered = new HashMap<>();

    private final List<String> requests = new CopyOnWriteArrayList<>();
    /** The next response breaks off after this many bytes; negative for none. */
    private volatile int breakAfter = -1;

    private record Result(int status, String out, String error) {}

    @BeforeEach
    void start() throws IOException {
        assumeTrue(
                Files.isExecutable(Path.of("/bin/sh"))
                        && Stream.of("/usr/bin/curl", "/bin/curl", "/usr/local/bin/curl")
                                .anyMatch(curl -> Files.isExecutable(Path.of(curl))),
                "skipped: needs a POSIX shell and curl");
        data = directory.resolve("some data");
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::serve);
        server.start();
        files.put("train-images-idx3-ubyte.gz", gzip(idx(0x0803, 2, 28, 28), 2 * 28 * 28));
        files.put("train-labels-idx1-ubyte.gz", gzip(TWO_LABELS, 0));
        files.put("t10k-images-idx3-ubyte.gz", gzip(idx(0x0803, 1, 28, 28), 28 * 28));
        files.put("t10k-labels-idx1-ubyte.gz", gzip(idx(0x0801, 1), 1));
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop(0);
        }
    }

    /** Of two classes: one alone is no data set. */
    private static final byte[] TWO_LABELS = {0, 0, 8, 1, 0, 0, 0, 2, 0, 1};

    private static byte[] idx(int... header) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * header.length);
        for (int value : header) {
            bytes.putInt(value);
        }
        return bytes.array();
    }

    private static byte[] gzip(byte[] header, int zeros) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(bytes)) {
            out.write(header);
            out.write(new byte[zeros]);
        }
        return bytes.toByteArray();
    }

    /** Serves {@link #files} by name, with the ranges that continuing a download asks for. */
    private void serve(HttpExchange exchange) throws IOException {
        String name = exchange.getRequestURI().getPath().substring(1);
        String range = exchange.getRequestHeaders().getFirst("Range");
        requests.add(range == null ? name : name + " " + range);
        byte[] content = altered.getOrDefault(name, files.get(name));
        if (content == null) {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
            return;
        }
        int from = range == null ? 0 : Integer.parseInt(range.substring("bytes=".length(), range.indexOf('-')));
        if (range != null) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (content.length - 1) + "/" + content.length);
        }
        exchange.sendResponseHeaders(range == null ? 200 : 206, content.length - from);
        int end = breakAfter < 0 ? content.length : breakAfter;
        breakAfter = -1;
        exchange.getResponseBody().write(content, from, end - from);
        exchange.getResponseBody().flush();
        exchange.close();
    }

    private Result fetch(String... arguments) throws IOException, InterruptedException, NoSuchAlgorithmException {
        String base = "http://127.0.0.1:" + server.getAddress().getPort();
        String script = Files.readString(SCRIPT).replaceAll("(?m)^( +(kriz|svhn|mnist|fashion))=http.*$", "$1=" + base);
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            byte[] digest = MessageDigest.getInstance("MD5").digest(file.getValue());
            script = script.replaceAll(
                    file.getKey() + " [0-9a-f]{32}",
                    file.getKey() + " " + String.format("%032x", new BigInteger(1, digest)));
        }
        Path copy = Files.writeString(directory.resolve("fetch-data"), script);
        List<String> command = new ArrayList<>(List.of("/bin/sh", copy.toString()));
        command.addAll(List.of(arguments));
        Path out = directory.resolve("out");
        Path error = directory.resolve("error");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(error.toFile())
                .start();
        assertThat(process.waitFor(50, TimeUnit.SECONDS)).as("ended in time").isTrue();
        return new Result(process.exitValue(), Files.readString(out), Files.readString(error));
    }

    private List<String> filesUnderData() throws IOException {
        try (Stream<Path> all = Files.walk(data)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> data.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    /** A gzipped tar archive of one folder with one file. */
    private byte[] archive(String folder) throws IOException, InterruptedException {
        Path root = directory.resolve("archive");
        Files.createDirectories(root.resolve(folder));
        Files.writeString(root.resolve(folder).resolve("readme"), "hello", StandardCharsets.UTF_8);
        Path archive = directory.resolve("archive.tar.gz");
        Process tar = new ProcessBuilder("tar", "-czf", archive.toString(), "-C", root.toString(), folder).start();
        assertThat(tar.waitFor()).isZero();
        return Files.readAllBytes(archive);
    }

    @Test
    void whatItLoadsOpensUnderTheArgumentThatItPrints() throws Exception {
        Result result = fetch("--dir", data.toString(), "mnist", "fashion-mnist");

        assertThat(result.status()).as(result.error()).isZero();
        assertThat(result.out().lines())
                .containsExactly("--data idx:" + data + "/mnist", "--data idx:" + data + "/fashion-mnist");
        assertThat(DataSource.open("idx:" + data.resolve("mnist")).train().size())
                .isEqualTo(2);
        assertThat(requests).hasSize(8);

        assertThat(fetch("--dir", data.toString(), "mnist").status()).isZero();
        assertThat(requests).as("complete files are not loaded again").hasSize(8);
    }

    @Test
    void aFileWithAWrongChecksumIsRemoved() throws Exception {
        String name = "train-images-idx3-ubyte.gz";
        altered.put(name, gzip(new byte[0], 99));
        Result result = fetch("--dir", data.toString(), "mnist");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.error()).contains(name + " has the MD5 sum").contains("it was removed");
        assertThat(result.out()).as("no argument for an incomplete set").isEmpty();
        assertThat(filesUnderData()).isEmpty();
    }

    @Test
    void aFileThatTheServerLacksIsNamed() throws Exception {
        files.remove("t10k-labels-idx1-ubyte.gz");
        Result result = fetch("--dir", data.toString(), "mnist");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.error()).contains("t10k-labels-idx1-ubyte.gz could not be loaded");
        assertThat(result.out()).isEmpty();
    }

    @Test
    void aBrokenDownloadIsContinued() throws Exception {
        breakAfter = 20;
        Result broken = fetch("--dir", data.toString(), "mnist");
        assertThat(broken.status()).isEqualTo(1);
        assertThat(broken.error()).contains("train-images-idx3-ubyte.gz could not be loaded; call again to continue");
        assertThat(filesUnderData()).containsExactly("mnist/train-images-idx3-ubyte.gz.part");

        Result continued = fetch("--dir", data.toString(), "mnist");
        assertThat(continued.status()).as(continued.error()).isZero();
        assertThat(requests).contains("train-images-idx3-ubyte.gz bytes=20-");
        assertThat(filesUnderData()).hasSize(4).allMatch(file -> file.endsWith(".gz"));
    }

    @Test
    void archivesAppearUnpackedAsAWhole() throws Exception {
        files.put("cifar-10-binary.tar.gz", archive("cifar-10-batches-bin"));
        Result result = fetch("--dir", data.toString(), "cifar10");

        assertThat(result.status()).as(result.error()).isZero();
        assertThat(result.out()).isEqualTo("--data cifar10:" + data + "/cifar-10-batches-bin\n");
        assertThat(filesUnderData()).containsExactly("cifar-10-batches-bin/readme");
        assertThat(fetch("--dir", data.toString(), "cifar10").status()).isZero();
        assertThat(requests).hasSize(1);
    }

    @Test
    void anotherArchiveLeavesNothingBehind() throws Exception {
        files.put("cifar-100-binary.tar.gz", archive("something-else"));
        Result result = fetch("--dir", data.toString(), "cifar100");

        assertThat(result.status()).isEqualTo(1);
        assertThat(result.error()).contains("holds no folder cifar-100-binary");
        assertThat(data)
                .isDirectoryNotContaining(path -> path.getFileName().toString().startsWith(".unpacking"));
        assertThat(data.resolve("cifar-100-binary")).doesNotExist();
    }

    @Test
    void mistakesInTheCallAreNamed() throws Exception {
        assertThat(fetch("--help").status()).isZero();
        assertThat(fetch("--help").out()).contains("Usage", "cifar100", "--dir");
        assertThat(fetch().status()).isEqualTo(2);
        assertThat(fetch("imagenet").error()).contains("'imagenet' is no data set");
        assertThat(fetch("--dir").error()).contains("--dir needs a directory");
    }
}
