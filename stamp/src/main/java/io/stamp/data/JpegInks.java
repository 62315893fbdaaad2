package io.stamp.data;

import java.awt.image.Raster;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How a JPEG file of four inks (CMYK) stores them. Java's own conversion ignores that Adobe's programs, and with them almost all others,
 * store how much of an ink is <em>missing</em>. Each channel of RGB is what both its ink and black leave of the light, as in libraries
 * that apply no colour profile.
 *
 * @param inverted whether larger values are less ink
 * @param coded whether the first three are coded like a video signal (YCCK)
 */
record JpegInks(boolean inverted, boolean coded) {
    private static final int INKS = 4;
    private static final int CHANNELS = 3;

    /** Markers of a JPEG file (ITU-T T.81, table B.1). */
    private static final int START_OF_SCAN = 0xDA;

    private static final int START_OF_FRAME = 0xC0;
    private static final int ADOBE = 0xEE;
    /** In Adobe's segment: the name, then 6 bytes of versions and flags, then how colours are coded. */
    private static final String ADOBE_NAME = "Adobe";

    private static final int ADOBE_TRANSFORM = 11;
    private static final int YCCK = 2;

    /** Empty for a file of other than four components. */
    static Optional<JpegInks> of(Path file) throws IOException {
        boolean inverted = false;
        boolean coded = false;
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            // The marker that every file starts with.
            in.readUnsignedShort();
            for (int marker = nextMarker(in); marker != START_OF_SCAN; marker = nextMarker(in)) {
                byte[] segment = in.readNBytes(in.readUnsignedShort() - Short.BYTES);
                if (isFrame(marker)) {
                    return segment[5] == INKS ? Optional.of(new JpegInks(inverted, coded)) : Optional.empty();
                }
                if (marker == ADOBE
                        && segment.length > ADOBE_TRANSFORM
                        && name(segment).equals(ADOBE_NAME)) {
                    inverted = true;
                    coded = segment[ADOBE_TRANSFORM] == YCCK;
                }
            }
            return Optional.empty();
        }
    }

    private static int nextMarker(DataInputStream in) throws IOException {
        int value = in.readUnsignedByte();
        while (value != 0xFF) {
            value = in.readUnsignedByte();
        }
        while (value == 0xFF) {
            value = in.readUnsignedByte();
        }
        return value;
    }

    /** Frames of any process; the numbers between are Huffman tables, a reserved one, and arithmetic coding. */
    private static boolean isFrame(int marker) {
        return marker >= START_OF_FRAME
                && marker <= START_OF_FRAME + 15
                && marker != START_OF_FRAME + 4
                && marker != START_OF_FRAME + 8
                && marker != START_OF_FRAME + 12;
    }

    private static String name(byte[] segment) {
        return new String(segment, 0, ADOBE_NAME.length(), StandardCharsets.US_ASCII);
    }

    /** Red, green and blue of what the file stores, {@code [height, width, 3]}. */
    byte[] toRgb(Raster raster) {
        byte[] rgb = new byte[raster.getHeight() * raster.getWidth() * CHANNELS];
        int[] pixel = new int[INKS];
        int out = 0;
        for (int y = 0; y < raster.getHeight(); y++) {
            for (int x = 0; x < raster.getWidth(); x++) {
                raster.getPixel(x, y, pixel);
                if (coded) {
                    decode(pixel);
                }
                for (int channel = 0; channel < CHANNELS; channel++) {
                    rgb[out++] = (byte) ((left(pixel[channel]) * left(pixel[INKS - 1]) + 127) / 255);
                }
            }
        }
        return rgb;
    }

    /** What an ink leaves of the light. */
    private int left(int stored) {
        return inverted ? stored : 255 - stored;
    }

    /** JFIF's inverse transform (ITU-T T.871, section 7) of the first three values, in place. */
    private static void decode(int[] pixel) {
        double luma = pixel[0];
        double blue = pixel[1] - 128;
        double red = pixel[2] - 128;
        pixel[0] = clip(luma + 1.402 * red);
        pixel[1] = clip(luma - 0.344136 * blue - 0.714136 * red);
        pixel[2] = clip(luma + 1.772 * blue);
    }

    private static int clip(double value) {
        return Math.clamp(Math.round(value), 0, 255);
    }
}
