using System.Formats.Asn1;
using System.Globalization;
using System.Text;

namespace Tsunagi.Protocols.Net.Ldap;

/// <summary>
/// What a search looks for (RFC 4511 section 4.5.1.7). <see cref="object.ToString"/> gives its text (RFC 4515), which <see cref="TryParse"/> reads back to the same filter.
/// Values are octets, kept as Latin-1 text: one character an octet.
/// </summary>
public abstract record LdapFilter
{
    /// <summary>Characters of a filter's text at most.</summary>
    public const int LongestText = 8_192;

    /// <summary>How deep filters may stand in filters.</summary>
    public const int Deepest = 32;

    /// <summary>Reads the text of a filter (RFC 4515 section 3), such as <c>(&amp;(objectClass=person)(|(mail=*)(proxyAddresses=smtp:*)))</c>.</summary>
    /// <param name="text">The filter in its parentheses.</param>
    /// <param name="filter">Null when the text is none.</param>
    /// <param name="error">What is wrong and at which character, for people.</param>
    public static bool TryParse(string text, out LdapFilter? filter, out string error) => LdapFilterText.TryParse(text, out filter, out error);

    internal abstract void Write(AsnWriter writer);

    internal abstract void Show(StringBuilder text);

    private protected static Asn1Tag Tag(int value) => new(TagClass.ContextSpecific, value);

    private protected static void Octets(AsnWriter writer, string value, Asn1Tag? tag = null) => writer.WriteOctetString(Encoding.Latin1.GetBytes(value), tag);

    private protected static string ShowAll(LdapFilter filter)
    {
        var text = new StringBuilder();
        filter.Show(text);
        return text.ToString();
    }

    // RFC 4515 section 3: what cannot stand in a value as it is.
    private protected static StringBuilder Value(StringBuilder text, string value)
    {
        foreach (var c in value)
        {
            _ = c is '*' or '(' or ')' or '\\' or < ' ' or > '~' ? text.Append(CultureInfo.InvariantCulture, $"\\{(int)c:x2}") : text.Append(c);
        }

        return text;
    }

    /// <summary>All of these, or any of them, or not this one.</summary>
    /// <param name="Sign">'&amp;', '|' or '!'.</param>
    /// <param name="Parts">One for '!', any number for the others.</param>
    public sealed record Group(char Sign, IReadOnlyList<LdapFilter> Parts) : LdapFilter
    {
        /// <inheritdoc/>
        public bool Equals(Group? other) => other is not null && Sign == other.Sign && Parts.SequenceEqual(other.Parts);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Sign, Parts.Count);

        /// <inheritdoc/>
        public override string ToString() => ShowAll(this);

        internal override void Write(AsnWriter writer)
        {
            if (Sign == '!')
            {
                // An explicit tag, since the filter inside is a choice itself.
                using (writer.PushSequence(Tag(2)))
                {
                    Parts[0].Write(writer);
                }

                return;
            }

            using (writer.PushSetOf(Tag(Sign == '&' ? 0 : 1)))
            {
                foreach (var part in Parts)
                {
                    part.Write(writer);
                }
            }
        }

        internal override void Show(StringBuilder text)
        {
            text.Append('(').Append(Sign);
            foreach (var part in Parts)
            {
                part.Show(text);
            }

            text.Append(')');
        }
    }

    /// <summary>An attribute compared with one value.</summary>
    /// <param name="Attribute">Its name or object identifier, with its options.</param>
    /// <param name="Sign">"=", "&gt;=", "&lt;=" or "~=".</param>
    /// <param name="Asserted">The value.</param>
    public sealed record Compare(string Attribute, string Sign, string Asserted) : LdapFilter
    {
        /// <inheritdoc/>
        public override string ToString() => ShowAll(this);

        internal override void Write(AsnWriter writer)
        {
            using (writer.PushSequence(Tag(Sign switch { "=" => 3, ">=" => 5, "<=" => 6, _ => 8 })))
            {
                Octets(writer, Attribute);
                Octets(writer, Asserted);
            }
        }

        internal override void Show(StringBuilder text) => Value(text.Append('(').Append(Attribute).Append(Sign), Asserted).Append(')');
    }

    /// <summary>An object has the attribute.</summary>
    public sealed record Present(string Attribute) : LdapFilter
    {
        /// <inheritdoc/>
        public override string ToString() => ShowAll(this);

        internal override void Write(AsnWriter writer) => Octets(writer, Attribute, Tag(7));

        internal override void Show(StringBuilder text) => text.Append('(').Append(Attribute).Append("=*)");
    }

    /// <summary>A value that begins with, holds and ends with pieces.</summary>
    /// <param name="Attribute">Its name or object identifier, with its options.</param>
    /// <param name="Pieces">Between the asterisks, in order: two at least, of which the first and the last may be empty, but not all.</param>
    public sealed record Substrings(string Attribute, IReadOnlyList<string> Pieces) : LdapFilter
    {
        /// <inheritdoc/>
        public bool Equals(Substrings? other) => other is not null && Attribute == other.Attribute && Pieces.SequenceEqual(other.Pieces);

        /// <inheritdoc/>
        public override int GetHashCode() => HashCode.Combine(Attribute, Pieces.Count);

        /// <inheritdoc/>
        public override string ToString() => ShowAll(this);

        internal override void Write(AsnWriter writer)
        {
            using (writer.PushSequence(Tag(4)))
            {
                Octets(writer, Attribute);
                using (writer.PushSequence())
                {
                    for (var i = 0; i < Pieces.Count; i++)
                    {
                        if (Pieces[i].Length > 0)
                        {
                            Octets(writer, Pieces[i], Tag(i == 0 ? 0 : i == Pieces.Count - 1 ? 2 : 1));
                        }
                    }
                }
            }
        }

        internal override void Show(StringBuilder text)
        {
            text.Append('(').Append(Attribute).Append('=');
            for (var i = 0; i < Pieces.Count; i++)
            {
                Value(i == 0 ? text : text.Append('*'), Pieces[i]);
            }

            text.Append(')');
        }
    }

    /// <summary>
    /// extensibleMatch: by a rule of the server's, such as Active Directory's 1.2.840.113556.1.4.803 (all of these bits), with which disabled accounts are told.
    /// </summary>
    /// <param name="Attribute">Empty for every attribute that the rule can be put to.</param>
    /// <param name="WithDn">The attributes of the object's name count too.</param>
    /// <param name="Rule">Empty for the attribute's own.</param>
    /// <param name="Asserted">The value.</param>
    public sealed record Extensible(string Attribute, bool WithDn, string Rule, string Asserted) : LdapFilter
    {
        /// <inheritdoc/>
        public override string ToString() => ShowAll(this);

        internal override void Write(AsnWriter writer)
        {
            using (writer.PushSequence(Tag(9)))
            {
                if (Rule.Length > 0)
                {
                    Octets(writer, Rule, Tag(1));
                }

                if (Attribute.Length > 0)
                {
                    Octets(writer, Attribute, Tag(2));
                }

                Octets(writer, Asserted, Tag(3));
                if (WithDn)
                {
                    writer.WriteBoolean(true, Tag(4));
                }
            }
        }

        internal override void Show(StringBuilder text) =>
            Value(text.Append('(').Append(Attribute).Append(WithDn ? ":dn" : "").Append(Rule.Length > 0 ? ":" + Rule : "").Append(":="), Asserted).Append(')');
    }
}
