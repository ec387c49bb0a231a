"""The JSON of X's API v2: posts, users and problems, in the dialect and with the fields that were asked for.

Owns field names, expansions and error shapes. It reads the world and changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from inbox_tui.sandbox.https import Answer
from inbox_tui.sandbox.x_world import Post, User, XWorld, rfc3339


def words(text: str) -> frozenset[str]:
    """The names in a list written with spaces."""
    return frozenset(text.split())


_PROBLEMS: Final = "https://api.twitter.com/2/problems/"

_POST_FIELDS: Final = words(
    "id text author_id created_at conversation_id in_reply_to_user_id entities lang public_metrics "
    "possibly_sensitive reply_settings source attachments geo context_annotations withheld edit_controls "
    "display_text_range note_tweet note_post"
)
_USER_FIELDS: Final = words(
    "id name username created_at description entities location pinned_tweet_id pinned_post_id "
    "profile_image_url protected public_metrics url verified verified_type withheld"
)


class XError(Exception):
    """A request that ends here, with its answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def problem(
    status: int, detail: str, *, title: str | None = None, headers: Mapping[str, str] | None = None
) -> XError:
    """The plain problem: title, detail, type and status."""
    body = {"title": title or detail, "detail": detail, "type": "about:blank", "status": status}
    return XError(Answer(status, body, headers or {}))


def invalid(name: str, value: str, message: str) -> XError:
    """400 with the parameter that is wrong."""
    body = {
        "errors": [{"parameters": {name: [value]}, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{_PROBLEMS}invalid-request",
    }
    return XError(Answer(400, body))


def missing(kind: str, wanted: str, parameter: str, detail: str) -> dict[str, str]:
    """An entry of `errors` beside a 200: what was asked for is not there."""
    return {
        "value": wanted,
        "detail": detail,
        "title": "Not Found Error",
        "resource_type": kind,
        "parameter": parameter,
        "resource_id": wanted,
        "type": f"{_PROBLEMS}resource-not-found",
    }


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one of X's two vocabularies calls things."""

    word: str
    references: str
    history: str
    includes: str

    @property
    def fields(self) -> str:
        """The query parameter that chooses fields."""
        return f"{self.word}.fields"

    @property
    def expansions(self) -> frozenset[str]:
        """What may be expanded; the last line is accepted and never has anything to bring."""
        return words(
            "author_id in_reply_to_user_id entities.mentions.username "
            f"{self.references} {self.references}.id {self.references}.id.author_id {self.history} "
            "attachments.media_keys attachments.poll_ids geo.place_id"
        )


TWEETS: Final = Dialect("tweet", "referenced_tweets", "edit_history_tweet_ids", "tweets")
POSTS: Final = Dialect("post", "referenced_posts", "edit_history_post_ids", "posts")


@dataclass(frozen=True, slots=True)
class Shape:
    """How one question wants its answer."""

    dialect: Dialect
    post_fields: frozenset[str]
    user_fields: frozenset[str]
    expansions: frozenset[str]

    def listing(
        self, world: XWorld, posts: Sequence[Post], errors: Iterable[dict[str, str]] = ()
    ) -> dict[str, object]:
        """`data`, `includes` and `errors`, each only where there is something in it."""
        beside, gone = self._referenced(world, posts)
        users = self._people(world, posts, beside)
        includes: dict[str, object] = {}
        if users:
            includes["users"] = [self.user(world, user) for user in users]
        if beside:
            includes[self.dialect.includes] = [self.post(world, post) for post in beside]
        body: dict[str, object] = {}
        if posts:
            body["data"] = [self.post(world, post) for post in posts]
        if includes:
            body["includes"] = includes
        all_errors = [*errors, *gone]
        if all_errors:
            body["errors"] = all_errors
        return body

    def post(self, world: XWorld, post: Post) -> dict[str, object]:
        """A post with the fields asked for; `id`, `text` and its edit history always."""
        references = _references(post)
        values: dict[str, object] = {
            "author_id": post.author_id,
            "created_at": rfc3339(post.created_at),
            "conversation_id": post.conversation_id,
            "in_reply_to_user_id": post.in_reply_to_user_id,
            self.dialect.references: [{"type": kind, "id": other} for kind, other in references] or None,
            "lang": "und",
            "possibly_sensitive": False,
            "reply_settings": "everyone",
        }
        if "entities" in self.post_fields:
            values["entities"] = _entities(world, post)
        if "public_metrics" in self.post_fields:
            values["public_metrics"] = self._metrics(world, post)
        shaped: dict[str, object] = {
            "id": post.id,
            "text": _escaped(post.text),
            self.dialect.history: [post.id],
        }
        shaped |= {
            key: value for key, value in values.items() if key in self.post_fields and value is not None
        }
        return shaped

    def user(self, world: XWorld, user: User) -> dict[str, object]:
        """A user with the fields asked for; `id`, `name` and `username` always."""
        values: dict[str, object] = {
            "created_at": rfc3339(user.created_at),
            "description": "",
            "protected": False,
            "verified": False,
            "verified_type": "none",
        }
        if "public_metrics" in self.user_fields:
            counted = len(world.posts_by(user.id, newest=1 << 31))
            values["public_metrics"] = {
                "followers_count": 0,
                "following_count": 0,
                f"{self.dialect.word}_count": counted,
                "listed_count": 0,
            }
        shaped: dict[str, object] = {"id": user.id, "name": user.name, "username": user.handle}
        return shaped | {key: value for key, value in values.items() if key in self.user_fields}

    def gone(self, wanted: str, parameter: str) -> dict[str, str]:
        """The error entry of a post that is not there."""
        word = self.dialect.word
        said = f"Could not find {word} with {parameter}: [{wanted}]."
        return missing(word, wanted, parameter, said)

    def _metrics(self, world: XWorld, post: Post) -> dict[str, int]:
        again = "retweet_count" if self.dialect is TWEETS else "repost_count"
        return {
            again: 0,
            "reply_count": world.answers_to(post.id),
            "like_count": 0,
            "quote_count": 0,
            "bookmark_count": 0,
            "impression_count": 0,
        }

    def _referenced(self, world: XWorld, posts: Sequence[Post]) -> tuple[list[Post], list[dict[str, str]]]:
        """The posts these refer to, once each, and an error entry for each that is gone."""
        name = self.dialect.references
        if not self.expansions & {name, f"{name}.id", f"{name}.id.author_id"}:
            return [], []
        wanted = dict.fromkeys(other for post in posts for _, other in _references(post))
        found = {one: world.find(one) for one in wanted}
        gone = [
            missing(
                self.dialect.word,
                one,
                f"{name}.id",
                f"Could not find {self.dialect.word} with {name}.id: [{one}].",
            )
            for one, post in found.items()
            if post is None
        ]
        return [post for post in found.values() if post is not None], gone

    def _people(self, world: XWorld, posts: Sequence[Post], beside: Sequence[Post]) -> list[User]:
        ids: list[str] = []
        for post in posts:
            if "author_id" in self.expansions:
                ids.append(post.author_id)
            if "in_reply_to_user_id" in self.expansions and post.in_reply_to_user_id:
                ids.append(post.in_reply_to_user_id)
            if "entities.mentions.username" in self.expansions:
                ids.extend(post.mentions)
        if f"{self.dialect.references}.id.author_id" in self.expansions:
            ids.extend(post.author_id for post in beside)
        users = (world.user(one) for one in dict.fromkeys(ids))
        return [user for user in users if user is not None]


def read_shape(query: Mapping[str, str]) -> Shape:
    """What a query asks for; raises XError for a field or expansion that X does not know."""
    asked = query.get("expansions", "").split(",")
    newer = POSTS.fields in query or any(name.startswith((POSTS.references, POSTS.history)) for name in asked)
    dialect = POSTS if newer else TWEETS
    posts = _read_list(query, dialect.fields, _POST_FIELDS | {dialect.references, dialect.history})
    expansions = _read_list(query, "expansions", dialect.expansions)
    # An expansion brings the field that holds the reference.
    implied = {name.split(".")[0] for name in expansions}
    return Shape(dialect, posts | implied, _read_list(query, "user.fields", _USER_FIELDS), expansions)


def _read_list(query: Mapping[str, str], name: str, known: frozenset[str]) -> frozenset[str]:
    value = query.get(name)
    if value is None:
        return frozenset()
    asked = frozenset(value.split(","))
    for one in sorted(asked - known):
        said = f"The `{name}` query parameter value [{one}] is not one of [{','.join(sorted(known))}]"
        raise invalid(name, value, said)
    return asked


def _references(post: Post) -> list[tuple[str, str]]:
    pairs = (("quoted", post.quoted), ("replied_to", post.in_reply_to))
    return [(kind, other) for kind, other in pairs if other is not None]


def _entities(world: XWorld, post: Post) -> dict[str, object] | None:
    """Mentions with their place in the text as answered, in characters."""
    text = _escaped(post.text)
    found: list[dict[str, object]] = []
    for user in map(world.user, post.mentions):
        if user is None:
            continue
        place = re.search(rf"(?<!\w)@({user.handle})(?!\w)", text, re.ASCII | re.IGNORECASE)
        if place is not None:
            start, end = place.span()
            found.append({"start": start, "end": end, "username": place[1], "id": user.id})
    return {"mentions": found} if found else None


def _escaped(text: str) -> str:
    """X answers with these three as HTML entities, and with no other."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
