// SPDX-License-Identifier: Apache-2.0

/// What is too long for an expression, written once at the front of an export.
enum JinjaMacro: String {
  case text
  case visible
  case paragraphs
  case parsedJSON = "parsed_json"
  case typescript = "typescript_namespace"

  /// The macros that it calls.
  var uses: [JinjaMacro] {
    switch self {
    case .text, .visible, .parsedJSON: []
    case .paragraphs: [.visible]
    case .typescript: [.text]
    }
  }

  var source: String {
    switch self {
    case .text: Self.textSource
    case .visible: Self.visibleSource
    case .paragraphs: Self.paragraphsSource
    case .parsedJSON: Self.parsedJSONSource
    case .typescript: Self.typescriptSource
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
}
