package io.stamp.data.embedded;

import io.stamp.data.Augmentation;
import io.stamp.data.Batch;
import io.stamp.data.BatchLoader;
import io.stamp.data.BatchPlan;
import io.stamp.data.EvaluationBatches;
import io.stamp.data.ImageSet;
import io.stamp.data.Normalisation;
import io.stamp.engine.nn.InputShape;

/** The linear classifier on normalised pixels that the embedded targets must be too hard for: SGD with momentum. */
final class SoftmaxRegression {
    private static final int BATCH = 50;
    private static final float MOMENTUM = 0.9f;

    private final int classes;
    private final Normalisation normalisation;
    private final float[][] weights;
    private final float[] bias;

    private SoftmaxRegression(int classes, Normalisation normalisation) {
        this.classes = classes;
        this.normalisation = normalisation;
        this.weights = new float[classes][InputShape.DEFAULT.size()];
        this.bias = new float[classes];
    }

    static SoftmaxRegression train(ImageSet set, int epochs, float learningRate, float weightDecay) {
        SoftmaxRegression model = new SoftmaxRegression(set.classes(), Normalisation.of(set));
        float[][] velocity = new float[set.classes()][InputShape.DEFAULT.size()];
        BatchPlan plan = new BatchPlan(set, model.normalisation, Augmentation.NONE, BATCH, 1, true);
        int steps = epochs * plan.batchesPerEpoch();
        try (BatchLoader loader = new BatchLoader(plan)) {
            for (int step = 0; step < steps; step++) {
                model.step(loader.next(), velocity, learningRate * (1 - step / (float) steps), weightDecay);
            }
        }
        return model;
    }

    private void step(Batch batch, float[][] velocity, float rate, float weightDecay) {
        for (int c = 0; c < classes; c++) {
            for (int j = 0; j < InputShape.DEFAULT.size(); j++) {
                velocity[c][j] = MOMENTUM * velocity[c][j] + weightDecay * weights[c][j];
            }
        }
        float[] error = new float[classes];
        for (int i = 0; i < batch.size(); i++) {
            scores(batch.images(), i, error);
            softmax(error);
            error[batch.labels()[i]] -= 1;
            int offset = i * InputShape.DEFAULT.size();
            for (int c = 0; c < classes; c++) {
                float scale = error[c] / batch.size();
                for (int j = 0; j < InputShape.DEFAULT.size(); j++) {
                    velocity[c][j] += scale * batch.images()[offset + j];
                }
                bias[c] -= rate * scale;
            }
        }
        for (int c = 0; c < classes; c++) {
            for (int j = 0; j < InputShape.DEFAULT.size(); j++) {
                weights[c][j] -= rate * velocity[c][j];
            }
        }
    }

    /** Share of the set's images whose class gets the highest score. */
    double accuracy(ImageSet set) {
        int right = 0;
        float[] scores = new float[classes];
        for (Batch batch : new EvaluationBatches(set, normalisation, BATCH)) {
            for (int i = 0; i < batch.size(); i++) {
                scores(batch.images(), i, scores);
                int best = 0;
                for (int c = 1; c < classes; c++) {
                    best = scores[c] > scores[best] ? c : best;
                }
                right += best == batch.labels()[i] ? 1 : 0;
            }
        }
        return right / (double) set.size();
    }

    private void scores(float[] images, int image, float[] scores) {
        int offset = image * InputShape.DEFAULT.size();
        for (int c = 0; c < classes; c++) {
            float[] row = weights[c];
            // Eight partial sums: one alone would wait for each addition.
            float[] sums = new float[8];
            for (int j = 0; j < InputShape.DEFAULT.size(); j += 8) {
                for (int k = 0; k < 8; k++) {
                    sums[k] += row[j + k] * images[offset + j + k];
                }
            }
            scores[c] = bias[c] + sums[0] + sums[1] + sums[2] + sums[3] + sums[4] + sums[5] + sums[6] + sums[7];
        }
    }

    private static void softmax(float[] scores) {
        float most = Float.NEGATIVE_INFINITY;
        for (float score : scores) {
            most = Math.max(most, score);
        }
        float sum = 0;
        for (int c = 0; c < scores.length; c++) {
            scores[c] = (float) Math.exp(scores[c] - most);
            sum += scores[c];
        }
        for (int c = 0; c < scores.length; c++) {
            scores[c] /= sum;
        }
    }
}
