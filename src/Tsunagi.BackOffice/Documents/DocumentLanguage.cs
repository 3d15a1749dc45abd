namespace Tsunagi.BackOffice.Documents;

/// <summary>The language a document is written in; it is issued in one only.</summary>
public enum DocumentLanguage
{
    English,
    Japanese,
}
