package io.stamp.kernels.bind;

import io.stamp.engine.KnownProperty;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The shared libraries that the backend calls, in the order in which they are loaded: cuDNN may need cuBLASLt, and cuBLAS does. */
public enum CudaLibrary {
    /** The driver. */
    CUDA("cuda", "NVIDIA driver", List.of("libcuda.so.1")),
    /** The part of cuBLAS with the matrix products. */
    CUBLAS_LT("cublasLt", "cuBLASLt", List.of("libcublasLt.so.13", "libcublasLt.so.12")),
    /** A small front that opens the libraries with the algorithms, which lie beside it, by itself. */
    CUDNN("cudnn", "cuDNN", List.of("libcudnn.so.9")),
    /** What JCublas2 is linked with; it takes no other version. */
    CUBLAS_12("cublas12", "cuBLAS 12 (JCublas2)", List.of("libcublas.so.12")),
    /** What JCudnn is linked with; it takes no other version. */
    CUDNN_8("cudnn8", "cuDNN 8 (JCudnn)", List.of("libcudnn.so.8"));

    private final String key;
    private final String title;
    private final List<String> fileNames;

    CudaLibrary(String key, String title, List<String> fileNames) {
        this.key = key;
        this.title = title;
        this.fileNames = fileNames;
    }

    /** As in the property {@code stamp.cuda.library.KEY}, which names the file to use. */
    public String property() {
        return "stamp.cuda.library." + key;
    }

    /** The system properties that say where libraries are. */
    public static List<KnownProperty> properties() {
        KnownProperty folders =
                new KnownProperty(LibrarySearch.PATH_PROPERTY, "folders with libraries, separated by ':'", false);
        Stream<KnownProperty> files = Arrays.stream(values())
                .map(library -> new KnownProperty(library.property(), "file of " + library.title, false));
        return Stream.concat(Stream.of(folders), files).toList();
    }

    /** For people. */
    public String title() {
        return title;
    }

    /** Names of the versions that work, the preferred one first. */
    public List<String> fileNames() {
        return fileNames;
    }

    /** Whether hosts often have several versions of it under one name, of which the newest is to be used. */
    boolean comesInVersions() {
        return this == CUDNN || this == CUDNN_8;
    }

    /** Whether it comes with the driver, rather than with the toolkit or with Python packages. */
    boolean isDriver() {
        return this == CUDA;
    }
}
