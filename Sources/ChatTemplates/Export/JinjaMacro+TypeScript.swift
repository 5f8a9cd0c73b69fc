// SPDX-License-Identifier: Apache-2.0

extension JinjaMacro {
  /// Says what ``TypeScriptSchema`` says.
  static let typescriptDeclarationSource = """
    {#- The type of a JSON schema, in TypeScript. #}
    {%- macro typescript_type(schema) %}
        {%- set kind = schema.type %}
        {%- set variants = schema.oneOf %}
        {%- set null = ' | null' if schema.nullable else '' %}
        {%- if kind and kind is not string and kind is sequence and kind is not mapping %}
            {{- kind | join(' | ') if kind | length > 1 else kind[0] }}
        {%- elif kind == 'array' and not schema['items'] %}
            {{- 'any[]' ~ null }}
        {%- elif kind == 'array' and schema['items'].type in ['string', 'boolean'] %}
            {{- schema['items'].type ~ '[]' ~ null }}
        {%- elif kind == 'array' and schema['items'].type in ['number', 'integer'] %}
            {{- 'number[]' ~ null }}
        {%- elif kind == 'array' %}
            {%- set inner = typescript_type(schema['items']) %}
            {{- ('any[]' if inner == 'object | object' or inner | length > 50 else inner ~ '[]') ~ null }}
        {%- elif variants and variants is not string and variants is not mapping and variants is sequence %}
            {%- if variants | length > 1 and variants | selectattr('type', 'equalto', 'object') | list %}
                {{- 'any' }}
            {%- else %}
                {%- for variant in variants %}
                    {{- ' | ' if not loop.first }}
                    {{- typescript_type(variant) }}
                    {{- '// ' ~ variant.description if variant.description }}
                    {{- '// default: ' ~ variant.default | tojson if variant.default is defined }}
                {%- endfor %}
            {%- endif %}
        {%- elif kind == 'string' and schema.enum and schema.enum is not string and schema.enum is not mapping and schema.enum is sequence %}
            {{- '"' ~ schema.enum | join('" | "') ~ '"' }}
        {%- elif kind == 'string' %}
            {{- 'string' ~ null }}
        {%- elif kind in ['number', 'integer'] %}
            {{- 'number' }}
        {%- elif kind == 'boolean' %}
            {{- 'boolean' }}
        {%- elif kind == 'object' and schema.properties and schema.properties is mapping %}
            {{- '{\\n' }}
            {%- for name, member in schema.properties.items() %}
                {{- ', ' if not loop.first }}
                {{- name ~ ('' if name in (schema.required or []) else '?') ~ ': \\n                ' ~ typescript_type(member) }}
            {%- endfor %}
            {{- '}' }}
        {%- elif kind == 'object' %}
            {{- 'object' }}
        {%- else %}
            {{- 'any' }}
        {%- endif %}
    {%- endmacro %}
    {#- A tool as a TypeScript type; `end` follows its last parameter. #}
    {%- macro typescript_declaration(tool, end) %}
        {%- set about = text(tool.function.description, 'tools.function.description') %}
        {{- '// ' ~ about ~ '\\ntype ' ~ text(tool.function.name, 'tools.function.description') ~ ' = ' }}
        {%- set schema = tool.function.parameters %}
        {%- if schema and schema.properties and schema.properties is mapping %}
            {{- '(_: {\\n' }}
            {%- for name, member in schema.properties.items() %}
                {{- '// ' ~ member.description ~ '\\n' if member.description }}
                {{- name ~ ('' if name in (schema.required or []) else '?') ~ ': ' ~ typescript_type(member) }}
                {%- if member.default is defined %}
                    {%- if member.enum %}
                        {{- ', // default: ' ~ member.default }}
                    {%- elif member.oneOf %}
                        {{- '// default: ' ~ member.default }}
                    {%- else %}
                        {{- ', // default: ' ~ member.default | tojson }}
                    {%- endif %}
                {%- endif %}
                {{- end if loop.last else ',\\n' }}
            {%- endfor %}
            {{- '}) => any;' }}
        {%- else %}
            {{- '() => any;' }}
        {%- endif %}
    {%- endmacro %}
    """

  static let typescriptDeclarationsSource = """
    {#- Tools as TypeScript types. #}
    {%- macro typescript_declarations(tools) %}
        {%- for tool in tools or [] %}
            {{- '\\n' if not loop.first }}
            {{- typescript_declaration(tool, '\\n') }}
        {%- endfor %}
    {%- endmacro %}
    """

  static let typescriptSource = """
    {#- Tools as types of a TypeScript namespace. #}
    {%- macro typescript_namespace(tools) %}
        {{- '## functions\\n\\nnamespace functions {\\n\\n' }}
        {%- for tool in tools or [] %}
            {{- typescript_declaration(tool, ',\\n') ~ '\\n\\n' }}
        {%- endfor %}
        {{- '} // namespace functions' }}
    {%- endmacro %}
    """
}
