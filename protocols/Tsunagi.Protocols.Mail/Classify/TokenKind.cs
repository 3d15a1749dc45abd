namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>Where in a message a token stands. The same word is another token in the subject than in the text. Numbers are part of the model file: never reused.</summary>
public enum TokenKind : byte
{
    /// <summary>A word of the text, or a piece of text in a script without spaces.</summary>
    Word = 0,
    /// <summary>A word of the text written in capitals.</summary>
    Capitals = 1,
    /// <summary>A word of the subject.</summary>
    Subject = 2,
    /// <summary>A word of the author's display name.</summary>
    FromName = 3,
    /// <summary>The author's address: its domain, or the shape of its local part.</summary>
    FromAddress = 4,
    /// <summary>The host of a link.</summary>
    LinkHost = 5,
    /// <summary>A word in a link behind its host.</summary>
    LinkPath = 6,
    /// <summary>What is peculiar about a link.</summary>
    LinkForm = 7,
    /// <summary>Something of the HTML: an element, an attribute's value, a trick.</summary>
    Html = 8,
    /// <summary>A header field that is there, or one that is not.</summary>
    Field = 9,
    /// <summary>A word in a header field, behind the field's name.</summary>
    FieldWord = 10,
    /// <summary>The shape of a header field.</summary>
    FieldForm = 11,
    /// <summary>The structure of the message: types of its parts, their encodings and charsets.</summary>
    Structure = 12,
    /// <summary>An attachment: its type, the end of its name, words of its name.</summary>
    Attachment = 13,
    /// <summary>The form of the whole text: how long, how much of it in capitals.</summary>
    TextForm = 14,
    /// <summary>The form in which the message was handed over.</summary>
    Route = 15,
    /// <summary>The domain of a mail address in the text.</summary>
    Address = 16,
    /// <summary>A host or network the message comes from.</summary>
    Hop = 17,
    /// <summary>The order of the header fields, and how their names are written.</summary>
    FieldOrder = 18,
    /// <summary>A word of text that an answer quotes.</summary>
    Quoted = 19,
    /// <summary>Whether the author's domain is the one it comes from, or links to.</summary>
    Relation = 20,
}

/// <summary>Features that share one part of a message's weight: many words must not drown a few telling fields.</summary>
public enum FeatureGroup : byte
{
    /// <summary>How it is made: fields, their form, structure, the way it came.</summary>
    Form = 0,
    /// <summary>Who speaks: names, domains, words of fields and of files' names.</summary>
    Names = 1,
    /// <summary>The subject.</summary>
    Subject = 2,
    /// <summary>Words of the text alone.</summary>
    Words = 3,
    /// <summary>Words of the text together.</summary>
    Pairs = 4,
    /// <summary>The hosts the message comes from.</summary>
    Route = 5,
    /// <summary>The form of HTML, links and text.</summary>
    Markup = 6,
    /// <summary>The order of header fields, and how their names are written.</summary>
    Order = 7,
    /// <summary>Words that an answer quotes.</summary>
    Quoted = 8,
    /// <summary>Where it leads: hosts and paths of links, addresses.</summary>
    Links = 9,
    /// <summary>Two signs of form together: a linear model does not see that they agree.</summary>
    FormPairs = 10,
}
