package io.stamp.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pixels are what the file says, whatever way it says it: the same picture as RGB is the yardstick. */
class ImageFileTest {
    private static final int HEIGHT = 6;
    private static final int WIDTH = 16;
    private static final int PNG_ROUNDING = 1;
    private static final int JPEG_LOSS = 3;

    @TempDir
    private Path directory;

    /** A ramp over all of 0 to 255. */
    private static int grey(int x, int y) {
        return (x + WIDTH * y) * 255 / (WIDTH * HEIGHT - 1);
    }

    private Path png(BufferedImage image) throws IOException {
        Path file = directory.resolve("image.png");
        assertThat(ImageIO.write(image, "png", file.toFile())).isTrue();
        return file;
    }

    /** An image of grey samples, with a second band of alpha if asked. */
    private static BufferedImage greyImage(int bits, boolean alpha) {
        ComponentColorModel model = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_GRAY),
                alpha,
                false,
                alpha ? Transparency.TRANSLUCENT : Transparency.OPAQUE,
                bits == 8 ? DataBuffer.TYPE_BYTE : DataBuffer.TYPE_USHORT);
        WritableRaster raster = model.createCompatibleWritableRaster(WIDTH, HEIGHT);
        int scale = bits == 8 ? 1 : 257;
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                raster.setSample(x, y, 0, grey(x, y) * scale);
                if (alpha) {
                    raster.setSample(x, y, 1, alpha(x) * scale);
                }
            }
        }
        return new BufferedImage(model, raster, false, null);
    }

    private static int alpha(int x) {
        return x % 3 == 0 ? 0 : x % 3 == 1 ? 128 : 255;
    }

    private static int overWhite(int value, int alpha) {
        return (int) Math.round((value * alpha + 255.0 * (255 - alpha)) / 255);
    }

    private static int channel(ImageFile image, int x, int y, int channel) {
        return image.rgb()[(y * image.shape().width() + x) * 3 + channel] & 0xFF;
    }

    @ParameterizedTest
    @CsvSource({"8, false", "16, false", "8, true", "16, true"})
    void greyIsNotBrightened(int bits, boolean alpha) throws IOException {
        ImageFile image = ImageFile.read(png(greyImage(bits, alpha)));

        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                int expected = overWhite(grey(x, y), alpha ? alpha(x) : 255);
                for (int c = 0; c < 3; c++) {
                    assertThat(channel(image, x, y, c)).isBetween(expected - PNG_ROUNDING, expected + PNG_ROUNDING);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void greyOfFewBitsCoversBlackToWhite(int bits) throws IOException {
        int levels = 1 << bits;
        byte[] shades = new byte[levels];
        for (int i = 0; i < levels; i++) {
            shades[i] = (byte) (i * 255 / (levels - 1));
        }
        BufferedImage image = new BufferedImage(
                WIDTH,
                HEIGHT,
                BufferedImage.TYPE_BYTE_BINARY,
                new IndexColorModel(bits, levels, shades, shades, shades));
        for (int x = 0; x < WIDTH; x++) {
            image.getRaster().setSample(x, 0, 0, x % levels);
        }
        Path file = png(image);

        ImageFile read = ImageFile.read(file);

        for (int x = 0; x < WIDTH; x++) {
            assertThat(channel(read, x, 0, 1)).isEqualTo((x % levels) * 255 / (levels - 1));
        }
    }

    @Test
    void coloursOf16BitsAreRounded() throws IOException {
        ComponentColorModel model = new ComponentColorModel(
                ColorSpace.getInstance(ColorSpace.CS_sRGB), false, false, Transparency.OPAQUE, DataBuffer.TYPE_USHORT);
        WritableRaster raster = model.createCompatibleWritableRaster(WIDTH, HEIGHT);
        for (int x = 0; x < WIDTH; x++) {
            raster.setPixel(x, 0, new int[] {grey(x, 0) * 257, grey(x, 1) * 257, grey(x, 2) * 257});
        }

        ImageFile image = ImageFile.read(png(new BufferedImage(model, raster, false, null)));

        for (int x = 0; x < WIDTH; x++) {
            for (int c = 0; c < 3; c++) {
                assertThat(channel(image, x, 0, c)).isBetween(grey(x, c) - PNG_ROUNDING, grey(x, c) + PNG_ROUNDING);
            }
        }
    }

    @Test
    void aGreyJpegIsNotBrightened() throws IOException {
        BufferedImage flat = new BufferedImage(16, 16, BufferedImage.TYPE_BYTE_GRAY);
        for (int i = 0; i < 256; i++) {
            flat.getRaster().setSample(i % 16, i / 16, 0, 26);
        }
        Path file = directory.resolve("image.jpg");
        assertThat(ImageIO.write(flat, "jpg", file.toFile())).isTrue();

        assertThat(channel(ImageFile.read(file), 8, 8, 0)).isBetween(26 - JPEG_LOSS, 26 + JPEG_LOSS);
    }

    /** A JPEG file of four components, whose values are stored as they are given. */
    private Path fourComponents(int[] pixel, byte[] adobe) throws IOException {
        WritableRaster raster = WritableRaster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 16, 16, 4, null);
        for (int i = 0; i < 256; i++) {
            raster.setPixel(i % 16, i / 16, pixel);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (var out = ImageIO.createImageOutputStream(bytes)) {
            ImageWriteParam quality = writer.getDefaultWriteParam();
            quality.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
            quality.setCompressionQuality(1);
            writer.setOutput(out);
            writer.write(null, new IIOImage(raster, null, null), quality);
        } finally {
            writer.dispose();
        }
        byte[] plain = bytes.toByteArray();
        Path file = directory.resolve("inks.jpg");
        try (var out = Files.newOutputStream(file)) {
            out.write(plain, 0, 2);
            out.write(adobe);
            out.write(plain, 2, plain.length - 2);
        }
        return file;
    }

    private static byte[] adobe(int transform) {
        byte[] marker = {(byte) 0xFF, (byte) 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, (byte) transform
        };
        return marker;
    }

    private void assertColour(Path file, int... rgb) {
        ImageFile image = ImageFile.read(file);
        int[] found = {channel(image, 8, 8, 0), channel(image, 8, 8, 1), channel(image, 8, 8, 2)};
        for (int c = 0; c < 3; c++) {
            assertThat(found[c]).as(Arrays.toString(found)).isBetween(rgb[c] - JPEG_LOSS, rgb[c] + JPEG_LOSS);
        }
    }

    @Test
    void inksOfAdobeAreInverted() throws IOException {
        assertColour(fourComponents(new int[] {200, 100, 40, 255}, adobe(0)), 200, 100, 40);
        assertColour(fourComponents(new int[] {200, 100, 40, 128}, adobe(0)), 100, 50, 20);
    }

    @Test
    void inksOfOthersAreAmounts() throws IOException {
        assertColour(fourComponents(new int[] {55, 155, 215, 0}, new byte[0]), 200, 100, 40);
    }

    @Test
    void inksCodedLikeAVideoSignalAreDecoded() throws IOException {
        // 200, 100, 40 by JFIF's transform.
        assertColour(fourComponents(new int[] {123, 81, 183, 255}, adobe(2)), 200, 100, 40);
    }
}
