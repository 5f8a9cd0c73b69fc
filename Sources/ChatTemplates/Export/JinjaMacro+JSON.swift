// SPDX-License-Identifier: Apache-2.0

extension JinjaMacro {
  /// Reads JSON and writes it as Python's `json.dumps` does.
  ///
  /// Jinja has no parser, so this is one: it goes through the text character by character, with
  /// the open lists and objects in `state.stack`. A sandboxed template cannot change a list, so
  /// every step makes new ones.
  static let parsedJSONSource = """
    {#- A value as JSON; what a string holds is read first, if it is JSON. #}
    {%- macro parsed_json(value) %}
        {%- if value is not string %}
            {{- value | tojson }}
        {%- else %}
            {%- set state = namespace(mode='value', token='', escape='', high=0, stack=[], keys=[], result=[], ok=true, empty=false) %}
            {%- for char in value ~ ' ' if state.ok %}
                {#- A number or a word ends where another character follows. #}
                {%- if state.mode == 'word' and char in ' \\n\\r\\t,]}' %}
                    {%- set word = state.token %}
                    {%- set state.mode = 'after' %}
                    {%- set digits = word[1:] if word[0] == '-' else word %}
                    {%- set mantissa = digits.lower().split('e')[0] %}
                    {%- set exponent = digits.lower().split('e')[1:] %}
                    {%- set whole = mantissa.split('.')[0] %}
                    {%- set fraction = mantissa.split('.')[1:] %}
                    {%- set power = (exponent[0][1:] if exponent[0][:1] in ['+', '-'] else exponent[0]) if exponent else '0' %}
                    {%- set part = fraction[0] if fraction else '0' %}
                    {%- if word in ['true', 'false', 'null'] %}
                        {%- set state.result = state.result + [{'true': true, 'false': false, 'null': none}[word]] %}
                    {%- elif not (whole ~ part ~ power).isdecimal() or not word.isascii() or not whole or not part or not power or (whole[0] == '0' and whole != '0') or fraction | length > 1 or exponent | length > 1 %}
                        {%- set state.ok = false %}
                    {%- elif fraction or exponent %}
                        {%- set state.result = state.result + [word | float] %}
                    {%- else %}
                        {%- set state.result = state.result + [word | int] %}
                    {%- endif %}
                {%- endif %}
                {%- if not state.ok %}
                {%- elif state.mode == 'word' %}
                    {%- set state.token = state.token ~ char %}
                {%- elif state.high and (state.mode == 'text' and char != '\\\\' or state.mode == 'escape' and char != 'u') %}
                    {%- set state.ok = false %}
                {%- elif state.mode == 'text' and char == '\\\\' %}
                    {%- set state.mode = 'escape' %}
                {%- elif state.mode == 'text' and char == '"' %}
                    {%- if state.keys and state.keys[-1] is sameas true %}
                        {%- set state.keys = state.keys[:-1] + [[state.token]] %}
                        {%- set state.mode = 'colon' %}
                    {%- else %}
                        {%- set state.result = state.result + [state.token] %}
                        {%- set state.mode = 'after' %}
                    {%- endif %}
                {%- elif state.mode == 'text' %}
                    {%- set state.token = state.token ~ char %}
                    {%- set state.ok = char >= ' ' %}
                {%- elif state.mode == 'escape' and char == 'u' %}
                    {%- set state.mode = 'code' %}
                    {%- set state.escape = '' %}
                {%- elif state.mode == 'escape' %}
                    {%- set plain = {'"': '"', '\\\\': '\\\\', '/': '/', 'b': '\\b', 'f': '\\f', 'n': '\\n', 'r': '\\r', 't': '\\t'} %}
                    {%- set state.ok = char in plain %}
                    {%- set state.token = state.token ~ plain[char] %}
                    {%- set state.mode = 'text' %}
                {%- elif state.mode == 'code' %}
                    {%- set state.escape = state.escape ~ char %}
                    {%- set state.ok = char in '0123456789abcdefABCDEF' %}
                    {%- if state.escape | length == 4 and state.ok %}
                        {%- set code = state.escape | int(base=16) %}
                        {%- set state.mode = 'text' %}
                        {#- Two halves of a character beyond the first plane belong together. #}
                        {%- set is_low = code >= 56320 and code < 57344 %}
                        {%- if is_low != (state.high > 0) %}
                            {%- set state.ok = false %}
                        {%- elif code >= 55296 and code < 56320 %}
                            {%- set state.high = code %}
                        {%- else %}
                            {%- set state.token = state.token ~ '%c' % (code if not is_low else (state.high - 55296) * 1024 + code - 56320 + 65536) %}
                            {%- set state.high = 0 %}
                        {%- endif %}
                    {%- endif %}
                {%- elif char in ' \\n\\r\\t' %}
                {%- elif state.mode == 'colon' %}
                    {%- set state.ok = char == ':' %}
                    {%- set state.mode = 'value' %}
                {%- elif state.mode == 'key' or state.mode == 'value' and state.empty and state.keys[-1] is sameas true %}
                    {%- if char == '"' %}
                        {%- set state.mode = 'text' %}
                        {%- set state.token = '' %}
                        {%- set state.empty = false %}
                    {%- elif char == '}' and state.empty %}
                        {%- set state.mode = 'after' %}
                        {%- set state.empty = false %}
                        {%- set state.result = state.stack[-1] + [{}] %}
                        {%- set state.stack = state.stack[:-1] %}
                        {%- set state.keys = state.keys[:-1] %}
                    {%- else %}
                        {%- set state.ok = false %}
                    {%- endif %}
                {%- elif state.mode == 'value' and char == '{' %}
                    {%- set state.stack = state.stack + [state.result] %}
                    {%- set state.result = [{}] %}
                    {%- set state.keys = state.keys + [true] %}
                    {%- set state.empty = true %}
                {%- elif state.mode == 'value' and char == '[' %}
                    {%- set state.stack = state.stack + [state.result] %}
                    {%- set state.result = [] %}
                    {%- set state.keys = state.keys + [none] %}
                    {%- set state.empty = true %}
                {%- elif state.mode == 'value' and char == ']' and state.empty %}
                    {%- set state.mode = 'after' %}
                    {%- set state.empty = false %}
                    {%- set state.result = state.stack[-1] + [[]] %}
                    {%- set state.stack = state.stack[:-1] %}
                    {%- set state.keys = state.keys[:-1] %}
                {%- elif state.mode == 'value' and char == '"' %}
                    {%- set state.mode = 'text' %}
                    {%- set state.token = '' %}
                    {%- set state.empty = false %}
                {%- elif state.mode == 'value' %}
                    {%- set state.mode = 'word' %}
                    {%- set state.token = char %}
                    {%- set state.empty = false %}
                {%- elif not state.keys %}
                    {%- set state.ok = false %}
                {%- elif state.keys[-1] is none %}
                    {#- After an element of a list. #}
                    {%- if char == ']' %}
                        {%- set state.result = state.stack[-1] + [state.result] %}
                        {%- set state.stack = state.stack[:-1] %}
                        {%- set state.keys = state.keys[:-1] %}
                    {%- else %}
                        {%- set state.ok = char == ',' %}
                        {%- set state.mode = 'value' %}
                    {%- endif %}
                {%- else %}
                    {#- After a member of an object: the object so far, then its value. #}
                    {%- set members = dict(state.result[0], **{state.keys[-1][0]: state.result[1]}) %}
                    {%- set state.result = [members] %}
                    {%- set state.keys = state.keys[:-1] + [true] %}
                    {%- if char == '}' %}
                        {%- set state.result = state.stack[-1] + [members] %}
                        {%- set state.stack = state.stack[:-1] %}
                        {%- set state.keys = state.keys[:-1] %}
                    {%- else %}
                        {%- set state.ok = char == ',' %}
                        {%- set state.mode = 'key' %}
                    {%- endif %}
                {%- endif %}
            {%- endfor %}
            {{- (state.result[0] if state.ok and state.mode == 'after' and not state.keys else value) | tojson }}
        {%- endif %}
    {%- endmacro %}
    """
}
