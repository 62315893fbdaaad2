package io.stamp.bench.compare.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.stamp.bench.compare.chart.Series.Point;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Charts are well-formed XML in which points lie where they should. */
class LineChartTest {
    private static final LineChart CHART = new LineChart(
            "a < b & \"c\"\u0007",
            "x > 0",
            "y, %",
            Scale.LINEAR,
            List.of(
                    new Series("<one>", List.of(new Point(0, 0), new Point(5, 50, 40.0, 60.0), new Point(10, 100))),
                    new Series(
                            "two & more",
                            List.of(new Point(2, 30), new Point(Double.NaN, 1), new Point(3, Double.NaN)))));

    private static Document parsed(String svg) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    }

    private static double number(NodeList elements, int index, String attribute) {
        return Double.parseDouble(((Element) elements.item(index)).getAttribute(attribute));
    }

    @Test
    void namesAreEscapedAndEverySeriesIsOneLine() throws Exception {
        Document document = parsed(CHART.svg());

        assertThat(document.getElementsByTagName("title").item(0).getTextContent())
                .isEqualTo("a < b & \"c\" ");
        assertThat(document.getElementsByTagName("polyline").getLength()).isEqualTo(2);
        NodeList texts = document.getElementsByTagName("text");
        List<String> words = new ArrayList<>();
        for (int i = 0; i < texts.getLength(); i++) {
            words.add(texts.item(i).getTextContent());
        }
        assertThat(words).contains("<one>", "two & more", "x > 0", "y, %", "0", "20", "100");
        Element background = (Element) document.getElementsByTagName("rect").item(0);
        assertThat(background.getAttribute("fill")).isEqualTo("#ffffff");
    }

    @Test
    void aLongLegendFits() throws Exception {
        List<Series> many = IntStream.range(0, 40)
                .mapToObj(i -> new Series("series " + i, List.of(new Point(i, i))))
                .toList();
        Document document = parsed(new LineChart("many", "x", "y", Scale.LINEAR, many).svg());

        double height = Double.parseDouble(document.getDocumentElement().getAttribute("height"));
        NodeList texts = document.getElementsByTagName("text");
        for (int i = 0; i < texts.getLength(); i++) {
            assertThat(number(texts, i, "y")).isLessThan(height);
        }
    }

    @Test
    void pointsLieInProportion() throws Exception {
        NodeList circles = parsed(CHART.svg()).getElementsByTagName("circle");

        // Three points and the sign in the legend, one that can be shown and its sign.
        assertThat(circles.getLength()).isEqualTo(6);
        assertThat(number(circles, 1, "cx"))
                .isCloseTo((number(circles, 0, "cx") + number(circles, 2, "cx")) / 2, within(0.02));
        assertThat(number(circles, 1, "cy"))
                .isCloseTo((number(circles, 0, "cy") + number(circles, 2, "cy")) / 2, within(0.02));
        assertThat(number(circles, 0, "cy")).isGreaterThan(number(circles, 2, "cy"));
        assertThat(number(circles, 0, "cx")).isLessThan(number(circles, 2, "cx"));
    }

    @Test
    void equalFactorsAreEquallyFarOnALogarithmicAxis() throws Exception {
        LineChart chart = new LineChart(
                "t",
                "x",
                "y",
                Scale.LOG,
                List.of(new Series(
                        "s",
                        List.of(
                                new Point(-1, 0),
                                new Point(0, 0),
                                new Point(1, 1),
                                new Point(10, 2),
                                new Point(100, 3)))));
        NodeList circles = parsed(chart.svg()).getElementsByTagName("circle");
        assertThat(circles.getLength()).isEqualTo(4);
        assertThat(number(circles, 1, "cx"))
                .isCloseTo((number(circles, 0, "cx") + number(circles, 2, "cx")) / 2, within(0.02));
    }

    @Test
    void theSameChartIsTheSameBytesInEveryLocale() {
        Locale before = Locale.getDefault();
        String svg = CHART.svg();
        try {
            Locale.setDefault(Locale.GERMANY);
            assertThat(CHART.svg()).isEqualTo(svg).doesNotContain("\r");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void chartsOfNothingOrOfOnePointAreDrawnToo() throws Exception {
        parsed(new LineChart("t", "x", "y", Scale.LOG, List.of()).svg());
        for (Scale scale : Scale.values()) {
            for (double at : new double[] {0, 0.05, 7, 1e9}) {
                String svg =
                        new LineChart("t", "x", "y", scale, List.of(new Series("s", List.of(new Point(at, at))))).svg();
                assertThat(parsed(svg).getElementsByTagName("polyline").getLength())
                        .isEqualTo(1);
                assertThat(svg).doesNotContain("NaN", "Infinity");
            }
        }
    }

    @Test
    void ticksAreRoundNumbersWithinTheRange() {
        assertThat(new Axis(Scale.LINEAR, 0, 100).ticks()).containsExactly(0.0, 20.0, 40.0, 60.0, 80.0, 100.0);
        assertThat(new Axis(Scale.LINEAR, -0.13, 0.21).ticks().stream().map(Axis::label))
                .containsExactly("-0.1", "-0.05", "0", "0.05", "0.1", "0.15", "0.2");
        assertThat(new Axis(Scale.LOG, 4, 110).ticks().stream().map(Axis::label))
                .containsExactly("5", "10", "20", "50", "100");
        assertThat(new Axis(Scale.LOG, 1e-3, 1e9).ticks()).hasSizeBetween(10, 14);
        assertThat(new Axis(Scale.LOG, 47, 53).ticks()).hasSizeGreaterThan(3);
        for (double[] range : new double[][] {{0, 1e-9}, {5, 5.0001}, {0, 7e12}}) {
            assertThat(new Axis(Scale.LINEAR, range[0], range[1]).ticks())
                    .as(Arrays.toString(range))
                    .hasSizeBetween(3, 9);
        }
    }
}
