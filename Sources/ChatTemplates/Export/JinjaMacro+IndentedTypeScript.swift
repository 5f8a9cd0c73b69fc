// SPDX-License-Identifier: Apache-2.0

extension JinjaMacro {
  /// Says what ``IndentedTypeScript`` says.
  static let indentedTypescriptSource = """
    {#- A member's default as a comment; a text stands in quotes unless the member lists its values. #}
    {%- macro indented_default(schema, quotes=false) %}
        {%- if schema.default is string and schema.enum and not quotes %}
            {{- 'default: ' ~ schema.default }}
        {%- elif schema.default is string %}
            {{- 'default: "' ~ schema.default ~ '"' }}
        {%- elif schema.default is defined %}
            {{- 'default: ' ~ schema.default | tojson(separators=(',', ':')) }}
        {%- endif %}
    {%- endmacro %}
    {%- macro indented_nullable(schema, indent) %}
        {%- set kind = indented_type(schema, indent) %}
        {{- kind ~ (' | null' if schema.nullable is true and 'null' not in kind else '') }}
    {%- endmacro %}
    {#- The alternatives of a member, each on a line. #}
    {%- macro indented_alternatives(name, member, indent) %}
        {%- set about = member.description if member.description is string %}
        {%- set first = member.oneOf[0].description if member.oneOf %}
        {%- set is_above = about is defined and not (first is string and first == about) %}
        {{- indent ~ '// ' ~ about ~ '\\n' if is_above }}
        {%- set note = indented_default(member) %}
        {{- indent ~ '// ' ~ note ~ '\\n' if note }}
        {{- indent ~ name ~ ':\\n' }}
        {%- for variant in member.oneOf %}
            {{- indent ~ ' | ' ~ indented_nullable(variant, indent ~ '   ') }}
            {%- set remark = variant.description if variant.description is string and not (loop.first and is_above) and not (about is defined and variant.description == about) else '' %}
            {%- set note = indented_default(variant) %}
            {{- ' // ' if remark or note }}
            {{- remark ~ (' ' if remark and note else '') ~ note ~ '\\n' }}
        {%- endfor %}
        {{- indent ~ ',\\n' }}
    {%- endmacro %}
    {%- macro indented_object(schema, indent) %}
        {{- indent ~ '// ' ~ schema.description ~ '\\n' if schema.description is string }}
        {{- '{\\n' }}
        {%- for key, member in (schema.properties if schema.properties is mapping else {}).items() %}
            {%- set name = key if key in (schema.required or []) else key ~ '?' %}
            {{- indent ~ '// ' ~ member.title ~ '\\n' ~ indent ~ '//\\n' if member.title is string }}
            {{- indent ~ '// ' ~ member.description ~ '\\n' if member.oneOf is not defined and member.description is string }}
            {%- if member.examples %}
                {{- indent ~ '// Examples:\\n' }}
                {%- for example in member.examples if example is string %}
                    {{- indent ~ '// - "' ~ example ~ '"\\n' }}
                {%- endfor %}
            {%- endif %}
            {%- if member.oneOf is defined and member.oneOf is sequence and member.oneOf is not string and member.oneOf is not mapping %}
                {{- indented_alternatives(name, member, indent) }}
            {%- else %}
                {%- set note = indented_default(member) %}
                {{- indent ~ name ~ ': ' ~ indented_nullable(member, indent ~ '    ') ~ ',' ~ (' // ' ~ note if note else '') ~ '\\n' }}
            {%- endif %}
        {%- endfor %}
        {{- indent ~ '}' }}
    {%- endmacro %}
    {%- macro indented_type(schema, indent) %}
        {%- set kind = schema.type %}
        {%- if schema.oneOf is defined and schema.oneOf is sequence and schema.oneOf is not string and schema.oneOf is not mapping %}
            {%- for variant in schema.oneOf %}
                {{- '\\n' ~ indent ~ ' | ' ~ indented_nullable(variant, indent ~ '   ') }}
                {%- set remark = variant.description if variant.description is string %}
                {%- set note = indented_default(variant, true) %}
                {{- ' // ' if remark is defined or note }}
                {{- remark ~ (' ' if remark is defined and note else '') ~ note }}
            {%- endfor %}
        {%- elif kind and kind is not string and kind is sequence and kind is not mapping %}
            {%- for name in kind if name is string %}
                {{- ' | ' if not loop.first }}
                {{- 'number' if name == 'integer' else name }}
            {%- else %}
                {{- 'any' }}
            {%- endfor %}
        {%- elif kind == 'object' %}
            {{- indented_object(schema, indent) }}
        {%- elif kind == 'string' %}
            {%- for value in schema.enum or [] if value is string %}
                {{- (' | ' if not loop.first else '') ~ '"' ~ value ~ '"' }}
            {%- else %}
                {{- 'string' }}
            {%- endfor %}
        {%- elif kind in ['number', 'integer'] %}
            {{- 'number' }}
        {%- elif kind == 'boolean' %}
            {{- 'boolean' }}
        {%- elif kind == 'array' %}
            {{- indented_type(schema['items'], indent) ~ '[]' if 'items' in schema else 'Array<any>' }}
        {%- else %}
            {{- 'any' }}
        {%- endif %}
    {%- endmacro %}
    {#- Tools as types of an indented TypeScript namespace. #}
    {%- macro typescript_indented_namespace(tools) %}
        {{- '## functions\\n\\nnamespace functions {\\n' }}
        {%- for tool in tools or [] %}
            {%- set function = tool.function if tool.function is defined else tool %}
            {%- if function.description is string and function.description %}
                {%- set about = function.description.replace('\\r\\n', '\\n') %}
                {%- for line in (about[:-1] if about.endswith('\\n') else about).split('\\n') %}
                    {{- '\\n// ' ~ line }}
                {%- endfor %}
            {%- endif %}
            {{- '\\ntype ' ~ function.name ~ ' = ' }}
            {%- if function.parameters is defined and function.parameters is not none %}
                {{- '(_: ' ~ indented_type(function.parameters, '') ~ ') => any;\\n' }}
            {%- else %}
                {{- '() => any;\\n' }}
            {%- endif %}
        {%- endfor %}
        {{- '\\n} // namespace functions' }}
    {%- endmacro %}
    """
}
