package io.stamp.data;

import io.stamp.engine.StampException;
import io.stamp.engine.nn.InputShape;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * A decoded PNG or JPEG file. Grey is repeated in all channels as it is stored, without Java's conversion from linear light; inks (CMYK)
 * are multiplied; colour profiles and gamma chunks are not applied; what is transparent is white.
 *
 * @param shape height and width, and the three channels of RGB
 * @param rgb {@code [height, width, 3]}
 */
record ImageFile(InputShape shape, byte[] rgb) {
    private static final int CHANNELS = 3;
    /** Guards memory against a small file that claims a huge image. */
    private static final long MOST_PIXELS = 1L << 26;

    private static final int WHITE = 255;

    /**
     * Decodes a file.
     *
     * @throws StampException where it is no image, a damaged one, or a huge one; the message begins with the file's name
     */
    static ImageFile read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new StampException(
                    file + (Files.isSymbolicLink(file) ? " is a link to nothing" : " is no file") + "; remove it.");
        }
        try (ImageInputStream in = ImageIO.createImageInputStream(file.toFile())) {
            if (in == null) {
                throw new StampException(file + " cannot be read; check its permissions.");
            }
            Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
            if (!readers.hasNext()) {
                throw new StampException(file + " is not a PNG or JPEG image, as its name says; restore or remove it.");
            }
            ImageReader reader = readers.next();
            try {
                reader.setInput(in, true, true);
                return decode(file, reader);
            } finally {
                reader.dispose();
            }
        } catch (StampException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // ImageIO's readers throw unchecked exceptions on some damaged files.
            throw new StampException(
                    file + " cannot be decoded (" + e.getClass().getSimpleName() + ": "
                            + e.getMessage()
                            + "); it is truncated or damaged, so restore or remove it.",
                    e);
        }
    }

    private static ImageFile decode(Path file, ImageReader reader) throws IOException {
        int width = reader.getWidth(0);
        int height = reader.getHeight(0);
        if ((long) width * height > MOST_PIXELS) {
            throw new StampException(file + " has " + width + "x" + height + " pixels, expected at most " + MOST_PIXELS
                    + " in all; make it smaller.");
        }
        List<String> warnings = new ArrayList<>();
        reader.addIIOReadWarningListener((from, warning) -> warnings.add(warning));
        Optional<JpegInks> inks =
                reader.getFormatName().equalsIgnoreCase("jpeg") ? JpegInks.of(file) : Optional.empty();
        byte[] rgb = inks.isPresent() ? inks.get().toRgb(reader.readRaster(0, null)) : colours(reader.read(0));
        // The JPEG reader fills the missing part of a truncated file with grey and only warns.
        for (String warning : warnings) {
            if (warning.startsWith("Truncated") || warning.contains("premature end")) {
                throw new IIOException(warning);
            }
        }
        return new ImageFile(new InputShape(height, width, CHANNELS), rgb);
    }

    private static byte[] colours(BufferedImage image) {
        return image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY ? grey(image) : converted(image);
    }

    /** Samples as they are stored: Java takes them for linear light, and would brighten them on the way to RGB. */
    private static byte[] grey(BufferedImage image) {
        Raster raster = image.getRaster();
        boolean hasAlpha = image.getColorModel().hasAlpha();
        int largest = (1 << image.getColorModel().getComponentSize(0)) - 1;
        byte[] rgb = new byte[image.getHeight() * image.getWidth() * CHANNELS];
        int out = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                int value = to8Bits(raster.getSample(x, y, 0), largest);
                byte shown = overWhite(value, hasAlpha ? to8Bits(raster.getSample(x, y, 1), largest) : 255);
                rgb[out++] = shown;
                rgb[out++] = shown;
                rgb[out++] = shown;
            }
        }
        return rgb;
    }

    private static int to8Bits(int sample, int largest) {
        return (sample * 255 + largest / 2) / largest;
    }

    private static byte[] converted(BufferedImage image) {
        int width = image.getWidth();
        byte[] rgb = new byte[image.getHeight() * width * CHANNELS];
        int[] row = new int[width];
        int out = 0;
        for (int y = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int pixel : row) {
                int alpha = pixel >>> 24;
                rgb[out++] = overWhite(pixel >> 16 & 0xFF, alpha);
                rgb[out++] = overWhite(pixel >> 8 & 0xFF, alpha);
                rgb[out++] = overWhite(pixel & 0xFF, alpha);
            }
        }
        return rgb;
    }

    /** Transparent pictures are meant for paper. */
    private static byte overWhite(int value, int alpha) {
        return (byte) ((value * alpha + WHITE * (255 - alpha) + 127) / 255);
    }
}
