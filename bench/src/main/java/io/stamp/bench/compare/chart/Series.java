package io.stamp.bench.compare.chart;

import java.util.List;

/**
 * Points that belong together, joined by a line in their order.
 *
 * @param name in the legend
 */
public record Series(String name, List<Point> points) {
    /**
     * One point.
     *
     * @param low lower end of its error bar; null for none
     * @param high upper end; null for none
     */
    public record Point(double x, double y, Double low, Double high) {
        public Point(double x, double y) {
            this(x, y, null, null);
        }

        boolean hasBar() {
            return low != null && high != null && Double.isFinite(low) && Double.isFinite(high);
        }
    }
}
