# One image for every service; compose.yaml says which one a container is.
FROM python:3.13-slim

RUN (command -v git && command -v sqlite3) >/dev/null || (apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends git sqlite3 && rm -rf /var/lib/apt/lists/*)
RUN useradd --create-home --uid 10001 concern && mkdir /world && chown concern /world

WORKDIR /app
COPY requirements.lock ./
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --quiet --require-hashes -r requirements.lock
COPY . .
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --quiet --no-deps --no-build-isolation -e .

ENV PATH=/opt/venv/bin:$PATH CONCERN_WORLD=/world/w CONCERN_CACHE=/world/cache PYTHONDONTWRITEBYTECODE=1
USER concern
