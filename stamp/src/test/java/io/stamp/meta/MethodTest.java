package io.stamp.meta;

import io.stamp.engine.Backend;

/** The checks in small, where a generator learns in seconds. */
class MethodTest extends SixChecks {
    @Override
    LearnedWorld world(Backend backend) {
        return LearnedWorld.small(backend);
    }
}
