package io.stamp.bench.compare.chart;

import io.stamp.bench.compare.chart.Series.Point;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Series of points with error bars, as an SVG document. It is written without AWT, which needs fonts that servers lack; whoever shows the
 * picture has them. The background is white in dark surroundings too. The same chart gives the same bytes.
 *
 * @param series drawn in this order; points that cannot be shown are left out
 */
public record LineChart(String title, String xLabel, String yLabel, Scale xScale, List<Series> series) {
    private static final int WIDTH = 640;
    private static final int HEIGHT = 400;
    private static final int LEFT = 64;
    private static final int TOP = 44;
    private static final int BOTTOM = 56;
    private static final int CAP = 4;
    private static final double MARKER = 3.5;
    private static final int LEGEND_LINE = 18;
    private static final int LETTER = 7;

    /** Okabe and Ito's colours, which people with any colour vision tell apart; then the same, dashed. */
    private static final List<String> COLOURS =
            List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999");

    private static final List<String> DASHES = List.of("none", "6 3", "2 3");

    public LineChart {
        series = series.stream()
                .map(each -> new Series(
                        each.name(),
                        each.points().stream()
                                .filter(point -> xScale.canShow(point.x()) && Scale.LINEAR.canShow(point.y()))
                                .toList()))
                .toList();
    }

    /** The document. */
    public String svg() {
        return new Drawing().draw();
    }

    /** One document in the making. */
    private final class Drawing {
        private final StringBuilder out = new StringBuilder();
        private final int legend = 40
                + LETTER
                        * series.stream()
                                .mapToInt(each -> each.name().length())
                                .max()
                                .orElse(0);
        private final int height = Math.max(HEIGHT, TOP + LEGEND_LINE * (series.size() + 1));
        private final int right = WIDTH - 16;
        private final int bottom = HEIGHT - BOTTOM;
        private final Axis x = Axis.of(xScale, points().map(Point::x).toList());
        private final Axis y =
                Axis.of(Scale.LINEAR, points().flatMap(Drawing::heights).toList());

        private Stream<Point> points() {
            return series.stream().flatMap(each -> each.points().stream());
        }

        private static Stream<Double> heights(Point point) {
            return point.hasBar() ? Stream.of(point.y(), point.low(), point.high()) : Stream.of(point.y());
        }

        String draw() {
            int width = WIDTH + legend;
            out.append(String.format(
                            Locale.ROOT,
                            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\""
                                    + " font-family=\"sans-serif\" font-size=\"12\" fill=\"#222222\">%n",
                            width,
                            height,
                            width,
                            height)
                    .replace(System.lineSeparator(), "\n"));
            add("<title>%s</title>", escaped(title));
            add("<rect width=\"%d\" height=\"%d\" fill=\"#ffffff\"/>", width, height);
            text((LEFT + right) / 2.0, 24, "middle", "font-size=\"15\"", title);
            axes();
            for (int i = 0; i < series.size(); i++) {
                draw(i);
            }
            return out.append("</svg>\n").toString();
        }

        private void axes() {
            for (double tick : x.ticks()) {
                double at = across(tick);
                line(at, TOP, at, bottom, "#dddddd", 1);
                text(at, bottom + 18, "middle", "", Axis.label(tick));
            }
            for (double tick : y.ticks()) {
                double at = down(tick);
                line(LEFT, at, right, at, "#dddddd", 1);
                text(LEFT - 8, at + 4, "end", "", Axis.label(tick));
            }
            line(LEFT, bottom, right, bottom, "#222222", 1);
            line(LEFT, TOP, LEFT, bottom, "#222222", 1);
            text((LEFT + right) / 2.0, HEIGHT - 14, "middle", "", xLabel);
            double middle = (TOP + bottom) / 2.0;
            text(18, middle, "middle", String.format(Locale.ROOT, "transform=\"rotate(-90 18 %.2f)\"", middle), yLabel);
        }

        private void draw(int index) {
            Series each = series.get(index);
            String colour = COLOURS.get(index % COLOURS.size());
            String dash = DASHES.get(index / COLOURS.size() % DASHES.size());
            String style = String.format(
                    Locale.ROOT,
                    "fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\"",
                    colour,
                    dash);
            String joined = each.points().stream()
                    .map(point -> String.format(Locale.ROOT, "%.2f,%.2f", across(point.x()), down(point.y())))
                    .collect(Collectors.joining(" "));
            add("<polyline points=\"%s\" %s/>", joined, style);
            for (Point point : each.points()) {
                double at = across(point.x());
                if (point.hasBar()) {
                    line(at, down(point.low()), at, down(point.high()), colour, 1);
                    line(at - CAP, down(point.low()), at + CAP, down(point.low()), colour, 1);
                    line(at - CAP, down(point.high()), at + CAP, down(point.high()), colour, 1);
                }
                circle(at, down(point.y()), colour);
            }
            double row = TOP + 8 + index * (double) LEGEND_LINE;
            add("<path d=\"M%d %.2fh24\" %s/>", right + 12, row, style);
            circle(right + 24, row, colour);
            text(right + 42, row + 4, "start", "", each.name());
        }

        private double across(double value) {
            return LEFT + x.position(value) * (right - LEFT);
        }

        private double down(double value) {
            return bottom - y.position(value) * (bottom - TOP);
        }

        private void line(double x1, double y1, double x2, double y2, String colour, int width) {
            add(
                    "<line x1=\"%.2f\" y1=\"%.2f\" x2=\"%.2f\" y2=\"%.2f\" stroke=\"%s\" stroke-width=\"%d\"/>",
                    x1, y1, x2, y2, colour, width);
        }

        private void circle(double atX, double atY, String colour) {
            add("<circle cx=\"%.2f\" cy=\"%.2f\" r=\"%.1f\" fill=\"%s\"/>", atX, atY, MARKER, colour);
        }

        private void text(double atX, double atY, String anchor, String more, String words) {
            add(
                    "<text x=\"%.2f\" y=\"%.2f\" text-anchor=\"%s\"%s>%s</text>",
                    atX, atY, anchor, more.isEmpty() ? "" : " " + more, escaped(words));
        }

        private void add(String format, Object... values) {
            out.append(String.format(Locale.ROOT, format, values)).append('\n');
        }
    }

    /** What XML takes as text: other control characters have no place in it at all. */
    private static String escaped(String text) {
        return text.replaceAll("[\\p{Cntrl}\\uFFFE\\uFFFF]", " ")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
