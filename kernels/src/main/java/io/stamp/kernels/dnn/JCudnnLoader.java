package io.stamp.kernels.dnn;

import io.stamp.engine.StampException;
import io.stamp.kernels.device.JCudaNatives;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;

/**
 * Loads JCudnn 11.7.0 apart from everything else. The last JCudnn with Java classes on Maven Central goes with JCuda 11.7.0, whose classes
 * have the names of those of JCuda 12.6.0, which the backend uses; so they lie in a folder of their own in the jar, and a class loader
 * of their own finds them there.
 */
public final class JCudnnLoader extends ClassLoader {
    /** Filled by the build. */
    private static final String FOLDER = "io/stamp/kernels/jcudnn/";

    private static final String THEIRS = "jcuda.";
    /** Our classes that call them. */
    private static final String OURS = "io.stamp.kernels.jcuda.";

    private static final String CALLS = OURS + "JCudnnCalls";
    private static final String NATIVE_CLASS = "jcuda.jcudnn.JCudnn";

    /** One for good: a native library belongs to one class loader. */
    private static final JCudnnLoader LOADER = new JCudnnLoader();

    private JCudnnLoader() {
        super("jcudnn", JCudnnLoader.class.getClassLoader());
    }

    /**
     * The calls of cuDNN 8, whose library has to be open.
     *
     * @throws StampException if JCudnn does not load, or the library is of another version
     */
    public static CudnnCalls load() {
        JCudaNatives.load(NATIVE_CLASS, LOADER);
        try {
            return (CudnnCalls) LOADER.loadClass(CALLS).getConstructor().newInstance();
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof StampException told) {
                throw told;
            }
            throw new IllegalStateException("JCudnn cannot be used", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("JCudnn cannot be used", e);
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(THEIRS) && !name.startsWith(OURS)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : findClass(name);
        }
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
        String file = (name.startsWith(THEIRS) ? FOLDER : "") + name.replace('.', '/') + ".class";
        try (InputStream stream = getParent().getResourceAsStream(file)) {
            if (stream == null) {
                throw new ClassNotFoundException(name);
            }
            byte[] bytes = stream.readAllBytes();
            return defineClass(name, bytes, 0, bytes.length);
        } catch (IOException e) {
            throw new UncheckedIOException("The class " + name + " cannot be read", e);
        }
    }

    /** JCuda asks for its native libraries here. */
    @Override
    public URL getResource(String name) {
        URL theirs = getParent().getResource(FOLDER + name);
        return theirs != null ? theirs : super.getResource(name);
    }
}
