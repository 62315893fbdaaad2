package io.stamp.kernels.bind;

import java.nio.file.Path;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What the search for libraries asks the process about; a value, so that tests can make it up.
 *
 * @param property a system property or null
 * @param variable an environment variable or null
 * @param root the root of the file system
 */
record Environment(UnaryOperator<String> property, UnaryOperator<String> variable, Path root) {
    static Environment ofProcess() {
        return new Environment(System::getProperty, System::getenv, Path.of("/"));
    }

    Optional<String> propertyValue(String name) {
        return Optional.ofNullable(property.apply(name)).filter(value -> !value.isBlank());
    }

    Optional<String> variableValue(String name) {
        return Optional.ofNullable(variable.apply(name)).filter(value -> !value.isBlank());
    }
}
