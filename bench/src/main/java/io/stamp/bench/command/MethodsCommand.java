package io.stamp.bench.command;

import io.stamp.bench.cli.JsonOption;
import io.stamp.bench.inspect.MethodList;
import io.stamp.method.Methods;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Tells what can choose channels. */
@Command(
        name = "methods",
        mixinStandardHelpOptions = true,
        description =
                "Lists what 'prune --method' and 'demo --variants' take, those of the class path included: what each method"
                        + " needs, what can be set, where it is from, and the rules that say how many channels of each group"
                        + " stay.")
public final class MethodsCommand implements Runnable {
    @Mixin
    private JsonOption json;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        MethodList list = MethodList.of(Methods.onClassPath());
        PrintWriter out = spec.commandLine().getOut();
        list.lines().forEach(out::println);
        out.flush();
        json.write(list);
    }
}
