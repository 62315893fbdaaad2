package io.stamp.engine;

/**
 * Sizes of one two-dimensional convolution.
 *
 * <p>Layouts: input {@code [batch, height, width, inChannels]}, weights
 * {@code [outChannels, kernelHeight, kernelWidth, inChannels / groups]}, output
 * {@code [batch, outHeight, outWidth, outChannels]}, all dense and row-major. Output channel {@code o} sees the input
 * channels of group {@code o / (outChannels / groups)} only. Padding is zero padding on all four sides.
 */
public record ConvGeometry(
        int batch,
        int height,
        int width,
        int inChannels,
        int outChannels,
        int kernelHeight,
        int kernelWidth,
        int stride,
        int padding,
        int groups) {

    /**
     * @throws StampException if a size is not positive, the padding is negative, the groups do not divide both channel
     *         counts, the kernel does not fit into the padded input, or an array would pass 2^31 - 1 elements
     */
    public ConvGeometry {
        requirePositive("batch", batch);
        requirePositive("height", height);
        requirePositive("width", width);
        requirePositive("inChannels", inChannels);
        requirePositive("outChannels", outChannels);
        requirePositive("kernelHeight", kernelHeight);
        requirePositive("kernelWidth", kernelWidth);
        requirePositive("stride", stride);
        requirePositive("groups", groups);
        if (padding < 0) {
            throw new StampException("A convolution needs padding >= 0, got " + padding + ".");
        }
        if (inChannels % groups != 0 || outChannels % groups != 0) {
            throw new StampException("A convolution's groups have to divide its input and output channels, got "
                    + groups + " groups for " + inChannels + " input and " + outChannels + " output channels.");
        }
        if (kernelHeight > height + 2L * padding || kernelWidth > width + 2L * padding) {
            throw new StampException("A convolution kernel of " + kernelHeight + "x" + kernelWidth
                    + " does not fit into an input of " + height + "x" + width + " with padding " + padding + ".");
        }
        requireAddressable("input", batch, height, width, inChannels);
        requireAddressable(
                "output",
                batch,
                extent(height, kernelHeight, stride, padding),
                extent(width, kernelWidth, stride, padding),
                outChannels);
        requireAddressable("weights", outChannels, kernelHeight, kernelWidth, inChannels / groups);
    }

    /** Rows of the output. */
    public int outHeight() {
        return extent(height, kernelHeight, stride, padding);
    }

    /** Columns of the output. */
    public int outWidth() {
        return extent(width, kernelWidth, stride, padding);
    }

    /** Input channels that one output channel sees. */
    public int groupInChannels() {
        return inChannels / groups;
    }

    /** Output channels of one group. */
    public int groupOutChannels() {
        return outChannels / groups;
    }

    /** Elements of a window that one output channel sees: the products that an output element sums up. */
    public int windowSize() {
        return kernelHeight * kernelWidth * groupInChannels();
    }

    /** True if every group has one input and one output channel. */
    public boolean isDepthwise() {
        return groups == inChannels && groups == outChannels;
    }

    /** The same for another number of images. */
    public ConvGeometry withBatch(int images) {
        return new ConvGeometry(
                images, height, width, inChannels, outChannels, kernelHeight, kernelWidth, stride, padding, groups);
    }

    /** True if the output has as many rows and columns as the input, at stride 1. */
    public boolean isSameSize() {
        return stride == 1 && kernelHeight == 2 * padding + 1 && kernelWidth == 2 * padding + 1;
    }

    /** The convolution from the output back to the input, where {@link #isSameSize}; its weights are flipped and transposed. */
    public ConvGeometry transposed() {
        return new ConvGeometry(
                batch, height, width, outChannels, inChannels, kernelHeight, kernelWidth, stride, padding, groups);
    }

    /** Elements of the input. */
    public int inputSize() {
        return batch * height * width * inChannels;
    }

    /** Elements of the output. */
    public int outputSize() {
        return batch * outHeight() * outWidth() * outChannels;
    }

    /** Elements of the weights. */
    public int weightSize() {
        return outChannels * windowSize();
    }

    /** Multiply-accumulate operations of the forward pass over the whole batch, padding counted as if it were data. */
    public long macs() {
        return (long) outputSize() * windowSize();
    }

    private static int extent(int size, int kernel, int stride, int padding) {
        return Math.toIntExact((size + 2L * padding - kernel) / stride + 1);
    }

    private static void requirePositive(String what, int value) {
        if (value <= 0) {
            throw new StampException("A convolution needs " + what + " >= 1, got " + value + ".");
        }
    }

    private static void requireAddressable(String what, long first, long... others) {
        long product = first;
        for (long other : others) {
            product *= other;
            if (product > Integer.MAX_VALUE) {
                throw new StampException(
                        "The " + what
                                + " of a convolution would have more than 2^31 - 1 elements; use a smaller batch or fewer channels.");
            }
        }
    }
}
