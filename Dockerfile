# Onrecord as one small image: built once, then run by nobody in particular on a read-only root.
#
#   docker build --tag onrecord .
#   docker run --read-only --publish 8000:8000 --volume onrecord:/data onrecord
#
# Everything that lasts is in /data. Each step below is executed, without Docker, by
# tests/packaging/test_dockerfile.py.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build
COPY requirements/ requirements/
RUN python -m venv /opt/onrecord \
    && /opt/onrecord/bin/pip install --require-hashes --requirement requirements/postgres.txt \
    && python -m venv /build/tools \
    && /build/tools/bin/pip install --require-hashes --requirement requirements/build.txt
COPY LICENSE NOTICE README.md pyproject.toml ./
COPY schemas/ schemas/
COPY seeds/ seeds/
COPY service/ service/
RUN /build/tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /build/wheel . \
    && /opt/onrecord/bin/pip install --no-deps --no-index --find-links /build/wheel onrecord \
    && /opt/onrecord/bin/python -m pip uninstall --yes pip

FROM python:3.13-slim
LABEL org.opencontainers.image.title="Onrecord" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/onrecord /opt/onrecord
RUN install --directory --owner=10001 --group=10001 /data
ENV PATH=/opt/onrecord/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/data \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    ONRECORD_DATABASE_URL=sqlite:////data/onrecord.db \
    ONRECORD_PORT=8000
# A number, so that an orchestrator can see that it is not root; it needs no name.
USER 10001:10001
# Where nothing else can be written, temporary files go to the working directory.
WORKDIR /data
VOLUME /data
EXPOSE 8000
# http.client and not urllib.request, which would ask a proxy named in the environment.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; ask = http.client.HTTPConnection('127.0.0.1', int(os.environ['ONRECORD_PORT']), timeout=4); ask.request('GET', '/healthz'); sys.exit(ask.getresponse().status != 200)"]
CMD ["onrecord", "serve", "--host", "0.0.0.0"]
