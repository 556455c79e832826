# The GPU face of the list of dependencies in pyproject.toml, with the pins of constraints.txt.
#
#   docker build --build-arg UID=$(id -u) -t proprionet .
#   mkdir -p results
#   docker run --rm --gpus all -v "$PWD/results:/home/proprionet/project/results" \
#       -v proprionet-cache:/home/proprionet/.cache proprionet \
#       sh -c 'proprionet fetch arm && snakemake --cores all --configfile config/demo.yaml'
#
# The arm model may not be redistributed and so is no part of the image: it is fetched once, into the volume above.
FROM tensorflow/tensorflow:2.21.0-gpu

# The base image carries cuDNN 8 but its TensorFlow loads cuDNN 9, without which no GPU is seen.
# OpenSim needs nothing from here: its wheel brings its libraries.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends libcudnn9-cuda-12 python3.11-venv \
    && rm -rf /var/lib/apt/lists/*

# An environment of its own that sees the TensorFlow of the base image, as the pins name the same one. Whatever else the
# base image has in another version is shadowed, not uninstalled: some of it belongs to apt.
ENV VIRTUAL_ENV=/opt/proprionet \
    PATH=/opt/proprionet/bin:$PATH
RUN python3.11 -m venv --system-site-packages "$VIRTUAL_ENV"

# Results often lie on network disks that refuse HDF5's locks, and need none: a file appears only when it is whole.
ENV HDF5_USE_FILE_LOCKING=FALSE

# The libraries come before the code, so that a change of the code does not install them again.
WORKDIR /home/proprionet/project
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY code/proprionet/__init__.py code/proprionet/
RUN pip install --no-cache-dir -c constraints.txt -e '.[all]'

ARG UID=1000
RUN useradd --uid "$UID" --create-home proprionet \
    && mkdir --parents results ../.cache \
    && chown --recursive proprionet:proprionet /home/proprionet
COPY --chown=proprionet:proprionet . .
USER proprionet

HEALTHCHECK --interval=10m --timeout=60s --start-period=1m CMD ["proprionet", "doctor"]
CMD ["proprionet", "doctor"]
