# Reads a preprocessed .cu file in which __global__ is left alone; prints the translation unit for the host:
# the file in a namespace of its own, so that its helpers belong to it alone, and one line a kernel.
# -v source=FILE.cu

BEGIN {
    print "#include \"cuda_host.h\""
    print "namespace {"
    print "#include \"" source "\""
}

# Only declarations of kernels are collected: the system's headers come before them, and are a thousand times longer.
# The padding lets a word at either end of a line have something before and after it.
wanted || /__global__/ { take(" " $0 " ") }

END {
    if (wanted) {
        refuse()
    }
    print "}"
}

function take(line) {
    text = wanted ? text line : line
    while (wanted || match(text, /[^A-Za-z0-9_]__global__[^A-Za-z0-9_]/)) {
        if (!wanted) {
            text = substr(text, RSTART + RLENGTH - 1)
            wanted = 1
        }
        if (!match(text, /[A-Za-z_][A-Za-z0-9_]* *\(/)) {
            if (text ~ /[;{}]/) {
                refuse()
                wanted = 0
            }
            return
        }
        name = substr(text, RSTART, RLENGTH - 1)
        text = substr(text, RSTART + RLENGTH)
        gsub(/ /, "", name)
        print "CUDA_HOST_KERNEL(" name ")"
        wanted = 0
    }
}

function refuse() {
    print "#error \"no name after __global__ in " source "\""
}
