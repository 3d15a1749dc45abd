using Tsunagi.Core.Modules;
using Tsunagi.Mail.Spool;

namespace Tsunagi.Mail.Quarantine;

/// <summary>The words of the classes of held mail: in the store, the API and the trace.</summary>
internal static class HeldClass
{
    public const string Spam = "spam";
    public const string Virus = "virus";
    public const string Attachment = "attachment";
    public const string Policy = "policy";

    public static readonly IReadOnlyList<string> All = [Spam, Virus, Attachment, Policy];

    public static string Of(HoldClass hold) => hold switch
    {
        HoldClass.Spam => Spam,
        HoldClass.Virus => Virus,
        HoldClass.Attachment => Attachment,
        HoldClass.Policy => Policy,
        _ => throw new ArgumentOutOfRangeException(nameof(hold), hold, "a message that is not held has no class"),
    };

    public static HoldClass Parse(string word) => word switch
    {
        Spam => HoldClass.Spam,
        Virus => HoldClass.Virus,
        Attachment => HoldClass.Attachment,
        Policy => HoldClass.Policy,
        _ => throw new ArgumentOutOfRangeException(nameof(word), word, "no class of held mail"),
    };

    /// <summary>Why it is held, for people.</summary>
    public static LocalizedText Why(string word) => word switch
    {
        Spam => new("It looks like unwanted mail.", "迷惑メールの疑いがあります。"),
        Virus => new("A scanner found malware in it.", "ウイルスなどの不正なプログラムが検出されました。"),
        Attachment => new("It has an attachment that is not let through.", "許可されていない添付ファイルがあります。"),
        _ => new("A rule of your organisation keeps it.", "組織のルールにより保留されました。"),
    };
}
