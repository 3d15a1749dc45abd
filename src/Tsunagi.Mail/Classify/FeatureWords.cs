using Tsunagi.Core.Modules;
using Tsunagi.Protocols.Mail.Classify;

namespace Tsunagi.Mail.Classify;

/// <summary>Features of the classifier in words for people.</summary>
internal static class FeatureWords
{
    /// <summary>Where it stands.</summary>
    public static LocalizedText Of(TokenKind kind) => kind switch
    {
        TokenKind.Word => new("text", "本文"),
        TokenKind.Capitals => new("text in capitals", "本文(大文字)"),
        TokenKind.Subject => new("subject", "件名"),
        TokenKind.FromName => new("author's name", "差出人名"),
        TokenKind.FromAddress => new("author's address", "差出人アドレス"),
        TokenKind.LinkHost => new("link to", "リンク先"),
        TokenKind.LinkPath => new("in a link", "リンク内"),
        TokenKind.LinkForm => new("form of links", "リンクの形"),
        TokenKind.Html => new("HTML", "HTML"),
        TokenKind.Field => new("header", "ヘッダー"),
        TokenKind.FieldWord => new("in the header", "ヘッダー内"),
        TokenKind.FieldForm => new("form of the header", "ヘッダーの形"),
        TokenKind.Structure => new("structure", "構造"),
        TokenKind.Attachment => new("attachment", "添付ファイル"),
        TokenKind.TextForm => new("form of the text", "本文の形"),
        TokenKind.Route => new("the way it came", "経路の形"),
        TokenKind.Address => new("address in the text", "本文中のアドレス"),
        TokenKind.Hop => new("came through", "経由ホスト"),
        _ => new("message", "メール"),
    };

    /// <summary>"click here" (text).</summary>
    public static LocalizedText Say(FeatureText feature)
    {
        var where = Of(feature.Kind);
        return new($"“{feature.Text}” ({where.En})", $"「{feature.Text}」({where.Ja})");
    }
}
