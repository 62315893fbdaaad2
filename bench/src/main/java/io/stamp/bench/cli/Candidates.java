package io.stamp.bench.cli;

import io.stamp.data.DataSource;
import io.stamp.method.Methods;
import io.stamp.model.Models;
import java.util.Iterator;

/** What may stand behind an option, for help texts and completion: always the values that the program knows. */
public final class Candidates {
    private Candidates() {}

    /** Names of networks. */
    public static final class ModelNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Models.names().iterator();
        }
    }

    /** Names of methods that choose channels, those on the class path included. */
    public static final class MethodNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Methods.onClassPath().names().iterator();
        }
    }

    /** Forms of data arguments, the embedded data by name. */
    public static final class DataForms implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return DataSource.forms().iterator();
        }
    }
}
