# The image in which GitLab runs `preview`, `up` and `drift`: Pulumi, its plugins, the locked Python packages.
# The pipeline's job `build-image` builds it. The versions here are those of requirements.txt and of the
# engine that the tests run on; tests/test_image.py holds them together.
ARG IMAGE_MIRROR=

FROM ${IMAGE_MIRROR}pulumi/pulumi-base:3.259.0 AS pulumi
ENV PULUMI_HOME=/opt/pulumi PULUMI_SKIP_UPDATE_CHECK=true
RUN pulumi plugin install resource kubernetes 4.34.2 --exact \
 && pulumi plugin install resource command 1.2.1 --exact

FROM ${IMAGE_MIRROR}python:3.11.14-slim-trixie
# kubectl: the proof that the names resolve. ssh: hosts files of other machines. A runner may also know its
# user by number only, hence a real one.
RUN apt-get update \
 && apt-get install --yes --no-install-recommends kubectl openssh-client \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --uid 1000 --create-home pulumi
# Of the language hosts, only Python's.
COPY --from=pulumi /pulumi/bin/pulumi /pulumi/bin/pulumi-*-python* /usr/local/bin/
COPY --from=pulumi --chown=pulumi /opt/pulumi /opt/pulumi
COPY requirements.lock /opt/
# Compiled here, since the user below may not write there: every job would compile all of Pulumi anew.
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check \
      --require-hashes --only-binary :all: --requirement /opt/requirements.lock
ENV PATH=/opt/venv/bin:$PATH \
    VIRTUAL_ENV=/opt/venv \
    PULUMI_HOME=/opt/pulumi \
    PULUMI_SKIP_UPDATE_CHECK=true
USER pulumi
WORKDIR /home/pulumi
