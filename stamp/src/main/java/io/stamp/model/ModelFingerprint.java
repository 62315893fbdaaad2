package io.stamp.model;

import io.stamp.engine.Tensor;
import io.stamp.engine.nn.Parameters;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Tells models apart by what they compute, whatever file they come from and whenever it was written. */
public final class ModelFingerprint {
    private ModelFingerprint() {}

    /** SHA-256 over architecture, parameters and state, in hexadecimal. */
    public static String of(Model model) {
        MessageDigest digest = sha256();
        update(digest, Models.describe(model.network()).identity());
        update(digest, model.parameters());
        update(digest, model.state());
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }

    private static void update(MessageDigest digest, String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
    }

    private static void update(MessageDigest digest, Parameters parameters) {
        parameters.asMap().forEach((name, tensor) -> {
            update(digest, name + tensor.shape());
            digest.update(bytes(tensor));
        });
    }

    private static byte[] bytes(Tensor tensor) {
        float[] values = tensor.floats();
        ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES));
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }
}
