#!/bin/sh
# Environments of their own for the packages that `python -m benchmarks.third_party` measures.
#
#     benchmarks/third_party/make_environment.sh DIR [PYTHON]
#
# Two of them, since flair wants older tokenizers than the others are happy with. The first thing in
# each is the torch that Vartai is built and tested with, and nothing may exchange it.
set -eu
directory=${1:?usage: make_environment.sh DIR [PYTHON]}
python=${2:-python3}
mkdir -p "$directory"
echo "torch==2.13.0" > "$directory/constraints.txt"
export PIP_CONSTRAINT="$directory/constraints.txt"

make() {
    name=$1
    shift
    "$python" -m venv "$directory/$name"
    "$directory/$name/bin/pip" install torch
    "$directory/$name/bin/pip" install "$@"
}

make forecasting sb3-contrib==2.9.2 pytorch-forecasting==1.8.0 neuralforecast==3.3.0
make tagging flair==0.15.1
