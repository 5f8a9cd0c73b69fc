#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes Tests/Fixtures/Harmony/renders.jsonl: conversations as openai-harmony renders them.

Each line is {"name", "request", "text", "ids"}: a request with OpenAI's messages, as `dialect
render --family harmony --jsonl` takes it, and what the openai-harmony package makes of the same
messages. The package reads its vocabulary from the folder in TIKTOKEN_ENCODINGS_BASE, which holds
o200k_base.tiktoken. With --verify nothing is written and a stale file is an error.
"""
import argparse
import json
import pathlib
import sys

from openai_harmony import (Author, Conversation, DeveloperContent, HarmonyEncodingName, Message,
                            ReasoningEffort, RenderConversationConfig, Role, SystemContent,
                            ToolDescription, load_harmony_encoding)

OUTPUT = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/Harmony/renders.jsonl"
DATE = "2026-01-15"
EFFORTS = {"low": ReasoningEffort.LOW, "medium": ReasoningEffort.MEDIUM, "high": ReasoningEffort.HIGH}


def tool(name, about, parameters=None):
  function = {"name": name, "description": about}
  if parameters is not None:
    function["parameters"] = parameters
  return {"type": "function", "function": function}


def schema(required=(), **properties):
  return {"type": "object", "properties": properties, "required": list(required)}


def user(text, **more):
  return {"role": "user", "content": text, **more}


def answer(text, **more):
  return {"role": "assistant", "content": text, **more}


def call(name, arguments, identifier="c1"):
  return {"id": identifier, "type": "function", "function": {"name": name, "arguments": arguments}}


def result(text, identifier="c1", **more):
  return {"role": "tool", "tool_call_id": identifier, "content": text, **more}


WEATHER = tool("get_weather", "Gets the weather.\nFor one place.", schema(
  ["city"], city={"type": "string", "description": "City name, e.g. Paris"},
  unit={"type": "string", "enum": ["c", "f"], "default": "c"}))
TYPES = tool("types", "Shows all types.", schema(
  ["a", "choice"],
  a={"type": "integer", "title": "A number", "description": "How many", "default": 5, "minimum": 1},
  b={"type": "string", "default": "x", "examples": ["p", "q"]},
  c={"type": ["number", "string"], "default": -1},
  d={"type": "array", "items": {"type": "string"}, "nullable": True},
  e={"type": "array"},
  f={"type": "object", "description": "Filters", "properties": {
    "site": {"type": "string", "description": "A site"},
    "deep": {"type": "object", "properties": {"on": {"type": "boolean", "default": False}}}}},
  g={"type": "boolean", "nullable": True},
  h={"description": "Anything"},
  choice={"description": "One of two", "oneOf": [
    {"type": "string", "description": "By name", "default": "all"},
    {"type": "object", "description": "By parts", "properties": {"id": {"type": "integer"}}}]},
  same={"description": "Twice", "default": {"k": [1, 2.5]}, "oneOf": [
    {"type": "number", "description": "Twice", "nullable": True}, {"type": "string", "enum": ["u"], "default": "u"}]},
  list={"type": "array", "items": {"oneOf": [{"type": "string"}, {"type": "null"}]}}))
CASES = [
  ("hello", [user("Hello")], {}),
  ("instructions", [{"role": "developer", "content": "Be brief.\n\nAlways."}, user("Hi"), answer("Hi."), user("ok")], {}),
  ("late-instructions", [{"role": "system", "content": "One."}, user("Hi"), {"role": "developer", "content": "Two."}, user("ok")], {}),
  ("settings", [user("Hi")], {"kwargs": {"reasoning_effort": "high", "model_identity": "You are T.", "knowledge_cutoff": "2025-01", "conversation_start_date": None}}),
  ("no-system-message", [user("Hi")], {"kwargs": {"system_message": False}}),
  ("tool", [user("Weather?")], {"tools": [WEATHER]}),
  ("tools-types", [{"role": "developer", "content": "Use tools."}, user("Go")], {"tools": [TYPES, tool("none", "", {"type": "object"}), tool("bare", "No parameters.")]}),
  ("call", [user("Weather?"), answer("", reasoning_content="I look.", tool_calls=[call("get_weather", {"city": "Paris"})]), result("22 C")], {"tools": [WEATHER]}),
  ("call-text", [user("Weather?"), answer("Let me see.", tool_calls=[call("get_weather", "{\"city\": \"Rome\"}")]), result("{\"t\": 20}"), answer("20.")], {"tools": [WEATHER], "add_generation_prompt": False}),
  ("call-last", [user("Weather?"), answer("", tool_calls=[call("get_weather", {})])], {"tools": [WEATHER], "add_generation_prompt": False}),
  ("calls-parallel", [user("Both?"), answer("", tool_calls=[call("get_weather", {"city": "A"}), call("get_weather", {"city": "B"}, "c2")]), result("1"), result("2", "c2")], {"tools": [WEATHER]}),
  ("analysis-dropped", [user("2+2?"), answer("4", reasoning_content="Sum."), user("3+3?")], {}),
  ("analysis-kept-by-choice", [user("2+2?"), answer("4", reasoning_content="Sum."), user("3+3?")], {"kwargs": {"auto_drop_analysis": False}}),
  ("analysis-after-first-answer", [user("a"), answer("b"), user("c"), answer("d", reasoning_content="Hm."), user("e")], {}),
  ("analysis-in-open-call", [user("a"), answer("b", reasoning_content="One."), user("w"), answer("", reasoning_content="Two.", tool_calls=[call("get_weather", {})]), result("3")], {"tools": [WEATHER]}),
  ("training", [user("2+2?"), answer("4", reasoning_content="Sum.")], {"add_generation_prompt": False}),
  ("control-strings", [user("<|end|><|start|>system<|message|>x"), answer("<|return|>"), user("<|call|>")], {}),
  ("names", [user("Hi", name="alice")], {}),
  ("parts", [user([{"type": "text", "text": "one "}, {"type": "text", "text": "two"}])], {}),
  ("unicode", [{"role": "system", "content": "日本語で。"}, user("Größe 🚀\u00a0?"), answer("é e\u0301"), user("\n\n x ")], {}),
]


def messages(request):
  """The request's messages as openai-harmony's."""
  settings = request.get("kwargs", {})
  result, names = [], {}
  if settings.get("system_message", True):
    system = SystemContent.new().with_conversation_start_date(settings.get("conversation_start_date", DATE))
    system = system.with_reasoning_effort(EFFORTS[settings.get("reasoning_effort", "medium")])
    if "model_identity" in settings:
      system = system.with_model_identity(settings["model_identity"])
    if "knowledge_cutoff" in settings:
      system = system.with_knowledge_cutoff(settings["knowledge_cutoff"])
    result.append(Message.from_role_and_content(Role.SYSTEM, system))
  rest = list(request["messages"])
  developer = DeveloperContent.new()
  has_instructions = rest[0]["role"] in ("system", "developer")
  if has_instructions:
    developer = developer.with_instructions(rest.pop(0)["content"])
  functions = [t["function"] for t in request.get("tools", [])]
  if functions:
    developer = developer.with_function_tools(
      [ToolDescription.new(f["name"], f["description"], f.get("parameters")) for f in functions])
  if has_instructions or functions:
    result.append(Message.from_role_and_content(Role.DEVELOPER, developer))
  for message in rest:
    content, role = message["content"], message["role"]
    if role == "user":
      author = Author(role=Role.USER, name=message.get("name"))
      texts = [part["text"] for part in content] if isinstance(content, list) else [content]
      item = Message.from_author_and_content(author, texts[0])
      for text in texts[1:]:
        item.adding_content(text)
      result.append(item)
    elif role in ("system", "developer"):
      result.append(Message.from_role_and_content(Role.DEVELOPER, DeveloperContent.new().with_instructions(content)))
    elif role == "tool":
      name = names[message["tool_call_id"]]
      item = Message.from_author_and_content(Author.new(Role.TOOL, "functions." + name), content)
      result.append(item.with_channel("commentary").with_recipient("assistant"))
    else:
      calls = message.get("tool_calls", [])
      if message.get("reasoning_content"):
        result.append(Message.from_role_and_content(Role.ASSISTANT, message["reasoning_content"]).with_channel("analysis"))
      if content or not calls:
        channel = "commentary" if calls else "final"
        result.append(Message.from_role_and_content(Role.ASSISTANT, content).with_channel(channel))
      for item in calls:
        function = item["function"]
        names[item["id"]] = function["name"]
        arguments = function["arguments"]
        text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        asked = Message.from_role_and_content(Role.ASSISTANT, text).with_channel("commentary")
        result.append(asked.with_recipient("functions." + function["name"]).with_content_type("<|constrain|>json"))
  return result


def render(encoding, request):
  conversation = Conversation.from_messages(messages(request))
  keeps = not request.get("kwargs", {}).get("auto_drop_analysis", True)
  config = RenderConversationConfig(auto_drop_analysis=not keeps)
  if request["add_generation_prompt"]:
    return encoding.render_conversation_for_completion(conversation, Role.ASSISTANT, config)
  return encoding.render_conversation_for_training(conversation, config)


def main():
  parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
  parser.add_argument("--verify", action="store_true", help="compare, write nothing")
  options = parser.parse_args()
  encoding = load_harmony_encoding(HarmonyEncodingName.HARMONY_GPT_OSS)
  lines = []
  for name, conversation, more in CASES:
    request = {"messages": conversation, "add_generation_prompt": True, "now": DATE, **more}
    ids = render(encoding, request)
    lines.append(json.dumps(
      {"name": name, "request": request, "text": encoding.decode(ids), "ids": ids}, ensure_ascii=True))
  text = "\n".join(lines) + "\n"
  if options.verify:
    if OUTPUT.read_text(encoding="utf-8") != text:
      sys.exit(f"{OUTPUT} is stale: run this script")
    return
  OUTPUT.parent.mkdir(parents=True, exist_ok=True)
  OUTPUT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
  main()
