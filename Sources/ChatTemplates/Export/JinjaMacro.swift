// SPDX-License-Identifier: Apache-2.0

/// What is too long for an expression, written once at the front of an export.
enum JinjaMacro: String {
  case text
  case visible
  case paragraphs
  case parsedJSON = "parsed_json"
  case lines
  case typescriptDeclaration = "typescript_declaration"
  case typescriptDeclarations = "typescript_declarations"
  case typescript = "typescript_namespace"
  case indentedTypescript = "typescript_indented_namespace"
  case pythonType = "python_type"
  case exactNumber = "exact_number"
  case withoutBlocks = "without_blocks"
  case braceValue = "brace_value"
  case braceDeclaration = "brace_declaration"

  /// The macros that it calls.
  var uses: [JinjaMacro] {
    switch self {
    case .text, .visible, .parsedJSON, .indentedTypescript, .pythonType, .exactNumber,
      .withoutBlocks, .braceValue:
      []
    case .braceDeclaration: [.braceValue]
    case .paragraphs: [.visible]
    case .lines, .typescriptDeclaration: [.text]
    case .typescript, .typescriptDeclarations: [.typescriptDeclaration]
    }
  }

  var source: String {
    switch self {
    case .text: Self.textSource
    case .visible: Self.visibleSource
    case .paragraphs: Self.paragraphsSource
    case .parsedJSON: Self.parsedJSONSource
    case .lines: Self.linesSource
    case .typescriptDeclaration: Self.typescriptDeclarationSource
    case .typescriptDeclarations: Self.typescriptDeclarationsSource
    case .typescript: Self.typescriptSource
    case .indentedTypescript: Self.indentedTypescriptSource
    case .pythonType: Self.pythonTypeSource
    case .exactNumber: Self.exactNumberSource
    case .withoutBlocks: Self.withoutBlocksSource
    case .braceValue: Self.braceValueSource
    case .braceDeclaration: Self.braceDeclarationSource
    }
  }

  private static let textSource = """
    {#- A string; anything else is refused by the name of its field. #}
    {%- macro text(value, field) %}
        {%- if value is string %}
            {{- value }}
        {%- elif value is not defined %}
            {{- raise_exception("field '" ~ field ~ "' is missing") }}
        {%- else %}
            {%- set kind = 'null' if value is none else 'a boolean' if value is boolean else 'a number' if value is number else 'an object' if value is mapping else 'an array' %}
            {{- raise_exception("field '" ~ field ~ "' must be a string, but is " ~ kind) }}
        {%- endif %}
    {%- endmacro %}
    """

  private static let visibleSource = """
    {#- The text parts of a list, joined; anything else as Python prints it. #}
    {%- macro visible(value) %}
        {%- if value is defined and value is sequence and value is not string and value is not mapping %}
            {%- for part in value %}
                {%- if part is string %}
                    {{- part }}
                {%- elif part.type == 'text' %}
                    {{- part.text }}
                {%- endif %}
            {%- endfor %}
        {%- else %}
            {{- value }}
        {%- endif %}
    {%- endmacro %}
    """

  private static let paragraphsSource = """
    {#- The text parts of a list, joined by blank lines. #}
    {%- macro paragraphs(value) %}
        {%- if value is defined and value is sequence and value is not string and value is not mapping %}
            {%- for part in value %}
                {{- '\\n\\n' if not loop.first }}
                {{- visible([part]) }}
            {%- endfor %}
        {%- else %}
            {{- value }}
        {%- endif %}
    {%- endmacro %}
    """

  private static let linesSource = """
    {#- The text parts of a list that are not empty, joined by line breaks; a string as it is. #}
    {%- macro lines(value) %}
        {%- if value is string %}
            {{- value }}
        {%- elif value is defined and value is sequence and value is not mapping %}
            {%- set found = namespace(text='') %}
            {%- for part in value if part.type == 'text' %}
                {%- set found.text = found.text ~ ('\\n' if found.text else '') ~ text(part.text, 'content.text') %}
            {%- endfor %}
            {{- found.text }}
        {%- endif %}
    {%- endmacro %}
    """

  private static let pythonTypeSource = """
    {#- A JSON schema as a Python type. #}
    {%- macro python_type(schema) %}
        {%- set names = {'string': 'str', 'number': 'float', 'integer': 'int', 'boolean': 'bool', 'array': 'list[Union[]]', '': 'Union[]'} %}
        {%- set kind = schema.type if schema is defined %}
        {%- if kind is not defined %}
            {{- 'Union[]' }}
        {%- elif kind is string and kind in names %}
            {{- names[kind] }}
        {%- elif kind == 'object' %}
            {{- 'dict[str, ' ~ python_type(schema.additionalProperties) ~ ']' if schema.additionalProperties is defined else 'dict' }}
        {%- elif kind is string %}
            {{- raise_exception("field 'type' must be a type of JSON schemas, but is '" ~ kind ~ "'") }}
        {%- elif kind is sequence and kind is not mapping %}
            {{- 'Union[' }}
            {%- for alternative in kind %}
                {{- ',' if not loop.first }}
                {{- python_type({'type': alternative}) }}
            {%- endfor %}
            {{- ']' }}
        {%- else %}
            {{- 'Any' }}
        {%- endif %}
    {%- endmacro %}
    """
}
