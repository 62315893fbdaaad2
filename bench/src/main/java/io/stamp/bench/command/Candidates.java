package io.stamp.bench.command;

import io.stamp.data.DataSource;
import io.stamp.model.Models;
import java.util.Iterator;

/** What may stand behind an option, for help texts and completion: always the values that the program knows. */
final class Candidates {
    private Candidates() {}

    /** Names of networks. */
    static final class ModelNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Models.names().iterator();
        }
    }

    /** Forms of data arguments, the embedded data by name. */
    static final class DataForms implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return DataSource.forms().iterator();
        }
    }
}
