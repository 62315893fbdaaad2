package io.stamp.data.embedded;

import java.util.ArrayList;
import java.util.List;

/** A silhouette inside the unit disc, kept as a grid of signed distances to its outline (negative inside). */
enum Shape {
    DISC(Outline.polar(48, angle -> 0.9)),
    SQUARE(Outline.of(-0.78, -0.78, 0.78, -0.78, 0.78, 0.78, -0.78, 0.78)),
    TRIANGLE(Outline.of(0, -1, 0.92, 0.72, -0.92, 0.72)),
    STAR(Outline.spikes(5, 1, 0.42)),
    CROSS(Outline.of(
            -0.3, -0.95, 0.3, -0.95, 0.3, -0.3, 0.95, -0.3, 0.95, 0.3, 0.3, 0.3, 0.3, 0.95, -0.3, 0.95, -0.3, 0.3,
            -0.95, 0.3, -0.95, -0.3, -0.3, -0.3)),
    RING(Outline.polar(48, angle -> 0.95), Outline.polar(32, angle -> 0.45)),
    HEART(Outline.curve(48, Shape::heart)),
    CRESCENT(Outline.crescent()),
    ARROW(Outline.of(-0.95, -0.24, 0.1, -0.24, 0.1, -0.75, 1, 0, 0.1, 0.75, 0.1, 0.24, -0.95, 0.24)),
    LOZENGE(Outline.of(0, -1, 0.5, 0, 0, 1, -0.5, 0)),
    BOLT(Outline.of(0.35, -1, -0.6, 0.15, -0.05, 0.15, -0.35, 1, 0.6, -0.2, 0.05, -0.2)),
    FLOWER(Outline.polar(72, angle -> 0.68 + 0.3 * StrictMath.cos(5 * angle))),
    HOURGLASS(Outline.of(-0.75, -0.9, 0.75, -0.9, 0.12, 0, 0.75, 0.9, -0.75, 0.9, -0.12, 0)),
    // The shapes below appear in target data only.
    HALF_MOON(Outline.halfDisc()),
    GEAR(Outline.gear(8)),
    WEDGE(Outline.wedge()),
    FRAME(
            Outline.of(-0.85, -0.85, 0.85, -0.85, 0.85, 0.85, -0.85, 0.85),
            Outline.of(-0.42, -0.42, 0.42, -0.42, 0.42, 0.42, -0.42, 0.42)),
    LEAF(
            Outline.curve(48, angle -> new double[] {
                0.98 * StrictMath.cos(angle), 0.5 * StrictMath.sin(angle) * Math.abs(StrictMath.sin(angle))
            })),
    FISH(Outline.of(-1, -0.6, -0.5, -0.1, 0, -0.5, 0.5, -0.45, 1, 0, 0.5, 0.45, 0, 0.5, -0.5, 0.1, -1, 0.6)),
    TEE(Outline.of(-0.9, -0.9, 0.9, -0.9, 0.9, -0.35, 0.3, -0.35, 0.3, 0.95, -0.3, 0.95, -0.3, -0.35, -0.9, -0.35));

    /** Distances are sampled this far from the centre, in object units. */
    static final float EXTENT = 1.5f;

    private static final int SAMPLES = 96;

    private final Grid distance;

    Shape(Outline... contours) {
        distance = new Grid(SAMPLES, EXTENT, (u, v) -> Outline.signedDistance(contours, u, v));
    }

    /** Signed distance from (u, v) to the outline in object units. */
    float distance(float u, float v) {
        return distance.at(u, v);
    }

    private static double[] heart(double angle) {
        double sine = StrictMath.sin(angle);
        double x = 16 * sine * sine * sine;
        double y = 13 * StrictMath.cos(angle)
                - 5 * StrictMath.cos(2 * angle)
                - 2 * StrictMath.cos(3 * angle)
                - StrictMath.cos(4 * angle);
        return new double[] {x / 17.5, -(y + 2.5) / 15.5};
    }

    /** A closed polygon: alternating x and y of its corners, y downwards. */
    private record Outline(double[] corners) {
        @FunctionalInterface
        interface Radius {
            double at(double angle);
        }

        @FunctionalInterface
        interface Point {
            double[] at(double angle);
        }

        static Outline of(double... corners) {
            return new Outline(corners);
        }

        static Outline curve(int corners, Point point) {
            double[] result = new double[2 * corners];
            for (int i = 0; i < corners; i++) {
                double[] corner = point.at(2 * Math.PI * i / corners);
                result[2 * i] = corner[0];
                result[2 * i + 1] = corner[1];
            }
            return new Outline(result);
        }

        static Outline polar(int corners, Radius radius) {
            return curve(corners, angle ->
                    new double[] {radius.at(angle) * StrictMath.sin(angle), -radius.at(angle) * StrictMath.cos(angle)});
        }

        static Outline spikes(int count, double outer, double inner) {
            double[] result = new double[4 * count];
            for (int i = 0; i < 2 * count; i++) {
                double radius = i % 2 == 0 ? outer : inner;
                result[2 * i] = radius * StrictMath.sin(Math.PI * i / count);
                result[2 * i + 1] = -radius * StrictMath.cos(Math.PI * i / count);
            }
            return new Outline(result);
        }

        static Outline gear(int teeth) {
            return polar(12 * teeth, angle -> StrictMath.cos(teeth * angle) > 0 ? 0.98 : 0.7);
        }

        static Outline crescent() {
            List<Double> corners = new ArrayList<>();
            arc(corners, 0, 0, 0.98, 0.75, 2 * Math.PI - 0.75);
            arc(corners, 0.42, 0, 0.72, 2 * Math.PI - 1.2, 1.2);
            return of(corners.stream().mapToDouble(Double::doubleValue).toArray());
        }

        static Outline halfDisc() {
            List<Double> corners = new ArrayList<>();
            arc(corners, 0, 0.45, 1, Math.PI, 2 * Math.PI);
            return of(corners.stream().mapToDouble(Double::doubleValue).toArray());
        }

        static Outline wedge() {
            List<Double> corners = new ArrayList<>(List.of(-0.1, 0.0));
            arc(corners, 0, 0, 0.95, 0.65, 2 * Math.PI - 0.65);
            return of(corners.stream().mapToDouble(Double::doubleValue).toArray());
        }

        private static void arc(List<Double> corners, double x, double y, double radius, double from, double to) {
            int steps = 32;
            for (int i = 0; i <= steps; i++) {
                double angle = from + (to - from) * i / steps;
                corners.add(x + radius * StrictMath.cos(angle));
                corners.add(y + radius * StrictMath.sin(angle));
            }
        }

        /**
         * Distance to the nearest edge of all contours, negative where a ray from the point crosses them an odd number
         * of times.
         */
        static double signedDistance(Outline[] contours, double x, double y) {
            double nearest = Double.MAX_VALUE;
            boolean inside = false;
            for (Outline contour : contours) {
                double[] c = contour.corners;
                for (int i = 0, j = c.length - 2; i < c.length; j = i, i += 2) {
                    double edgeX = c[j] - c[i];
                    double edgeY = c[j + 1] - c[i + 1];
                    double length = edgeX * edgeX + edgeY * edgeY;
                    double along = length == 0 ? 0 : ((x - c[i]) * edgeX + (y - c[i + 1]) * edgeY) / length;
                    double clamped = Math.clamp(along, 0, 1);
                    double dx = x - c[i] - clamped * edgeX;
                    double dy = y - c[i + 1] - clamped * edgeY;
                    nearest = Math.min(nearest, dx * dx + dy * dy);
                    if (c[i + 1] > y != c[j + 1] > y && x < c[i] + edgeX * (y - c[i + 1]) / edgeY) {
                        inside = !inside;
                    }
                }
            }
            return inside ? -Math.sqrt(nearest) : Math.sqrt(nearest);
        }
    }
}
