package io.stamp.bench.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A table in plain text: words to the left, numbers to the right, two spaces between columns. */
public final class TextTable {
    private final int columns;
    private final List<String[]> rows = new ArrayList<>();

    public TextTable(String... headings) {
        columns = headings.length;
        rows.add(headings);
    }

    /** Adds a row, one cell per column. */
    public TextTable row(String... cells) {
        if (cells.length != columns) {
            throw new IllegalArgumentException(
                    "The row " + Arrays.toString(cells) + " does not have " + columns + " cells.");
        }
        rows.add(cells);
        return this;
    }

    /** One line for the headings and one for each row. */
    public List<String> lines() {
        int[] widths = new int[columns];
        boolean[] numbers = new boolean[columns];
        for (int column = 0; column < columns; column++) {
            int position = column;
            widths[column] =
                    rows.stream().mapToInt(row -> row[position].length()).max().orElseThrow();
            numbers[column] = rows.stream()
                    .skip(1)
                    .map(row -> row[position])
                    .allMatch(cell -> cell.isEmpty() || Character.isDigit(cell.charAt(0)) || cell.startsWith("-"));
        }
        return rows.stream().map(row -> line(row, widths, numbers)).toList();
    }

    private static String line(String[] row, int[] widths, boolean[] numbers) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < row.length; column++) {
            String padding = " ".repeat(widths[column] - row[column].length());
            line.append(column == 0 ? "" : "  ");
            line.append(numbers[column] ? padding + row[column] : row[column] + padding);
        }
        return line.toString().stripTrailing();
    }
}
