# The application and its pinned dependencies; everything is a wheel, so nothing is compiled.
FROM python:3.12-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOST=0.0.0.0 \
    PORT=8000

WORKDIR /app
# The folder is made here so that a volume mounted on it belongs to the user who writes to it.
RUN useradd --system --no-create-home --home-dir /app footnote \
    && install --directory --owner=footnote /app/.footnote

# The lock comes first: a change of the code alone then reuses the layer of the dependencies.
COPY requirements.lock ./
RUN pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements.lock

COPY store/ store/
COPY ingest/ ingest/
COPY server/ server/
COPY evals/ evals/
COPY corpus/ corpus/

USER footnote
VOLUME /app/.footnote
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health', timeout=4)"]

# A first start without an index shows the handbook; `python -m ingest` replaces it by your docs.
CMD ["sh", "-c", "python -m ingest corpus --if-missing && exec python -m server"]
