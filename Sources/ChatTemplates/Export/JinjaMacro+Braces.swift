// SPDX-License-Identifier: Apache-2.0

extension JinjaMacro {
  static let exactNumberSource = """
    {#- JSON, where a string that is exactly a printed number is the number. #}
    {%- macro exact_number(value) %}
        {%- set shown = value | string %}
        {%- set is_number = value is string and value not in ['nan', 'inf', '-inf'] and (value | int | string == value or value | float | string == value) %}
        {{- shown if is_number else shown | tojson }}
    {%- endmacro %}
    """

  static let withoutBlocksSource = """
    {#- A text without what stands between two marks. #}
    {%- macro without_blocks(value, open, close) %}
        {%- for part in value.split(close) %}
            {{- part.split(open)[0] }}
        {%- endfor %}
    {%- endmacro %}
    """

  /// Says what ``BraceWriter`` says of values.
  static let braceValueSource = """
    {#- A value in braces, its keys sorted and its texts between quotes. #}
    {%- macro brace_value(value, quote, quotes_keys=false) %}
        {%- if value is none %}
            {{- 'null' }}
        {%- elif value is boolean %}
            {{- 'true' if value else 'false' }}
        {%- elif value is string %}
            {{- quote ~ value ~ quote }}
        {%- elif value is mapping %}
            {{- '{' }}
            {%- for key, member in value | dictsort %}
                {{- ',' if not loop.first }}
                {{- (quote ~ key ~ quote if quotes_keys else key) ~ ':' ~ brace_value(member, quote, quotes_keys) }}
            {%- endfor %}
            {{- '}' }}
        {%- elif value is sequence %}
            {{- '[' }}
            {%- for member in value %}
                {{- ',' if not loop.first }}
                {{- brace_value(member, quote, quotes_keys) }}
            {%- endfor %}
            {{- ']' }}
        {%- else %}
            {{- value }}
        {%- endif %}
    {%- endmacro %}
    """

  /// Says what ``BraceWriter`` says of declarations.
  static let braceDeclarationSource = """
    {#- A list of names, each between quotes. #}
    {%- macro brace_names(names, quote) %}
        {{- 'required:[' }}
        {%- for name in names %}
            {{- ',' if not loop.first }}
            {{- quote ~ name ~ quote }}
        {%- endfor %}
        {{- ']' }}
    {%- endmacro %}
    {#- The schemas of an object's members in braces. #}
    {%- macro brace_members(members, quote, skipped=[]) %}
        {%- for name, schema in members | dictsort if name not in skipped %}
            {{- ',' if not loop.first }}
            {{- name ~ ':{' }}
            {%- set kind = schema.type | upper %}
            {%- set parts = namespace(text='') %}
            {%- if schema.description %}
                {%- set parts.text = parts.text ~ 'description:' ~ quote ~ schema.description ~ quote ~ ',' %}
            {%- endif %}
            {%- if kind == 'STRING' and schema.enum %}
                {%- set parts.text = parts.text ~ 'enum:' ~ brace_value(schema.enum, quote, true) ~ ',' %}
            {%- endif %}
            {%- if kind == 'ARRAY' and schema['items'] is mapping and schema['items'] %}
                {%- set parts.text = parts.text ~ brace_items(schema['items'], quote) ~ ',' %}
            {%- endif %}
            {%- if schema.nullable %}
                {%- set parts.text = parts.text ~ 'nullable:true,' %}
            {%- endif %}
            {%- if kind == 'OBJECT' %}
                {%- set inner = brace_members(schema.properties, quote) if schema.properties is mapping else brace_members(schema, quote, ['description', 'type', 'properties', 'required', 'nullable']) %}
                {%- set parts.text = parts.text ~ 'properties:{' ~ inner ~ '},' %}
                {%- if schema.required %}
                    {%- set parts.text = parts.text ~ brace_names(schema.required, quote) ~ ',' %}
                {%- endif %}
            {%- endif %}
            {{- parts.text ~ 'type:' ~ quote ~ kind ~ quote ~ '}' }}
        {%- endfor %}
    {%- endmacro %}
    {#- The schema of an array's items in braces. #}
    {%- macro brace_items(items, quote) %}
        {{- 'items:{' }}
        {%- for key, member in items | dictsort if member is not none %}
            {{- ',' if not loop.first }}
            {%- if key == 'properties' %}
                {{- 'properties:{' ~ (brace_members(member, quote) if member is mapping else '') ~ '}' }}
            {%- elif key == 'required' %}
                {{- brace_names(member, quote) }}
            {%- elif key == 'type' %}
                {{- 'type:' ~ brace_value(member | upper if member is string else member | map('upper') | list, quote, true) }}
            {%- else %}
                {{- key ~ ':' ~ brace_value(member, quote, true) }}
            {%- endif %}
        {%- endfor %}
        {{- '}' }}
    {%- endmacro %}
    {#- A tool's declaration in braces. #}
    {%- macro brace_declaration(tool, quote) %}
        {%- set function = tool.function if tool.function is defined else tool %}
        {{- 'declaration:' ~ function.name ~ '{description:' ~ quote ~ function.description ~ quote }}
        {%- set parameters = function.parameters %}
        {%- if parameters %}
            {{- ',parameters:{' }}
            {%- if parameters.properties %}
                {{- 'properties:{' ~ brace_members(parameters.properties, quote) ~ '},' }}
            {%- endif %}
            {%- if parameters.required %}
                {{- brace_names(parameters.required, quote) ~ ',' }}
            {%- endif %}
            {%- if parameters.type %}
                {{- 'type:' ~ quote ~ parameters.type | upper ~ quote ~ '}' }}
            {%- endif %}
        {%- endif %}
        {%- if function.response is defined %}
            {{- ',response:{' }}
            {%- if function.response.description %}
                {{- 'description:' ~ quote ~ function.response.description ~ quote ~ ',' }}
            {%- endif %}
            {%- if function.response.type | upper == 'OBJECT' %}
                {{- 'type:' ~ quote ~ 'OBJECT' ~ quote ~ '}' }}
            {%- endif %}
        {%- endif %}
        {{- '}' }}
    {%- endmacro %}
    """
}
