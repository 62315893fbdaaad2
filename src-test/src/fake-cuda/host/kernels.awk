# Reads a preprocessed .cu file in which __global__ is left alone; prints the translation unit for the host:
# the file in a namespace of its own, so that its helpers belong to it alone, and one line a kernel.
# -v source=FILE.cu

{ text = text " " $0 }

END {
    print "#include \"cuda_host.h\""
    print "namespace {"
    print "#include \"" source "\""
    while (match(text, /[^A-Za-z0-9_]__global__[^A-Za-z0-9_]/)) {
        text = substr(text, RSTART + RLENGTH)
        if (!match(text, /[A-Za-z_][A-Za-z0-9_]* *\(/)) {
            print "#error \"no name after __global__ in " source "\""
            break
        }
        name = substr(text, RSTART, RLENGTH - 1)
        gsub(/ /, "", name)
        print "CUDA_HOST_KERNEL(" name ")"
    }
    print "}"
}
