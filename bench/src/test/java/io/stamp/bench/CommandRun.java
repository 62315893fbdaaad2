package io.stamp.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;

/** A command that has run inside this JVM: its exit code and what it printed. */
public record CommandRun(int exitCode, String out, String err) {
    public static CommandRun of(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            words[i] = args[i].toString();
        }
        int code = Main.run(Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)), words);
        return new CommandRun(code, out.toString(), err.toString());
    }

    /** The one JSON object in a file; an error where there is more in it. */
    public static JsonNode json(Path file) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        try (var values = mapper.readerFor(JsonNode.class).<JsonNode>readValues(Files.readString(file))) {
            var all = values.readAll();
            if (all.size() != 1 || !all.getFirst().isObject()) {
                throw new AssertionError(file + " holds not one JSON object but " + all);
            }
            return all.getFirst();
        }
    }
}
