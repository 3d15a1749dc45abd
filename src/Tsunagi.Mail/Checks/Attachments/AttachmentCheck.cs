using Tsunagi.Mail.Spool;
using Tsunagi.Mail.Verdict;
using Tsunagi.Protocols.Mail.Mime;

namespace Tsunagi.Mail.Checks.Attachments;

/// <summary>What a message carries, by name and by true type, through archives within archives.</summary>
internal sealed class AttachmentCheck(FilterOptions options) : ICheck
{
    public const string CheckName = "attachment";

    public const string Executable = "attachment.executable";
    public const string Script = "attachment.script";
    public const string Shortcut = "attachment.shortcut";
    public const string DiskImage = "attachment.disk-image";
    public const string Macro = "attachment.macro";
    public const string Encrypted = "attachment.encrypted";
    public const string Opaque = "attachment.opaque-archive";
    public const string Mismatch = "attachment.type-mismatch";
    public const string Unscannable = "attachment.unscannable";

    public static readonly IReadOnlyList<EvidenceCode> Codes =
    [
        new(Executable, new("{0} is a program ({1}).", "{0} は実行プログラムです({1})。"),
            new("It carries a program. Put it on a server and send a link.", "実行プログラムが添付されています。サーバーに置いてリンクを送ってください。"), 20, PolicyAction.Quarantine, HoldClass.Attachment),
        new(Script, new("{0} is a script ({1}).", "{0} はスクリプトです({1})。"),
            new("It carries a script. Put it on a server and send a link.", "スクリプトが添付されています。サーバーに置いてリンクを送ってください。"), 20, PolicyAction.Quarantine, HoldClass.Attachment),
        new(Shortcut, new("{0} is a shortcut that starts something ({1}).", "{0} は何かを起動するショートカットです({1})。"),
            new("It carries a shortcut file.", "ショートカットファイルが添付されています。"), 20, PolicyAction.Quarantine, HoldClass.Attachment),
        new(DiskImage, new("{0} is an image of a disk ({1}).", "{0} はディスクイメージです({1})。"),
            new("It carries an image of a disk.", "ディスクイメージが添付されています。"), 15, PolicyAction.Quarantine, HoldClass.Attachment),
        new(Macro, new("{0} holds macros ({1}).", "{0} にマクロが含まれています({1})。"),
            new("It carries an office file with macros. Send it without.", "マクロ付きのオフィス文書が添付されています。マクロを除いて送ってください。"), 5, PolicyAction.Tag, HoldClass.Attachment),
        new(Encrypted, new("{0} is encrypted and cannot be looked into ({1}).", "{0} は暗号化されており、検査できません({1})。"),
            new("It carries an encrypted file, which cannot be looked into. Put it on a server and send a link.", "暗号化ファイルが添付されており検査できません。サーバーに置いてリンクを送ってください。"), 0, PolicyAction.Tag, HoldClass.Attachment),
        new(Opaque, new("{0} is an archive that is not looked into ({1}).", "{0} は中を検査できない形式の書庫です({1})。"),
            new("It carries an archive of a kind that is not looked into. Send a zip archive.", "検査できない形式の書庫が添付されています。zip形式で送ってください。"), 0, PolicyAction.Tag, HoldClass.Attachment),
        new(Mismatch, new("{0} is not what its name says: {1}.", "{0} の内容は名前と異なります: {1}。"),
            new("A file in it is not what its name says.", "添付ファイルの内容が名前と異なります。"), 5, PolicyAction.Tag, HoldClass.Attachment),
        new(Unscannable, new("{0} could not be looked into: {1}.", "{0} を検査できませんでした: {1}。"),
            new("A file in it cannot be looked into: it is broken, too large, or nested too deep.", "添付ファイルが壊れているか大きすぎるため検査できません。"), 0, PolicyAction.Tag, HoldClass.Attachment),
        new(CheckName + ".unavailable", new("The attachments could not be checked: {0}.", "添付ファイルを検査できませんでした: {0}。"),
            new("The message could not be checked just now.", "現在メールを検査できません。"), 0, PolicyAction.Tag, HoldClass.Attachment) { IsUnavailable = true },
    ];

    public string Name => CheckName;

    public bool IsSetUp => true;

    public ValueTask RunAsync(MessageUnderCheck message, ICollection<Evidence> evidence, CancellationToken cancellationToken)
    {
        var walk = new ArchiveWalk(options, evidence, cancellationToken);
        var hidden = HiddenFiles.Of(message, options);
        for (var i = 0; i < message.Tree.Parts.Count; i++)
        {
            var part = message.Tree.Parts[i];
            if (part.IsComposite || IsPlainText(part))
            {
                continue;
            }

            // What it holds is looked at below.
            if (hidden.Containers.Contains(i))
            {
                LookAtNames(walk, part.Names);
                continue;
            }

            // The kind says whether more than the head is needed.
            var head = part.Decode(message.Content.Span, FileKinds.HeadBytes, out var isFlawed);
            var isWhole = head.Length < FileKinds.HeadBytes;
            if (isFlawed && part.Encoding == MimeEncoding.Base64)
            {
                evidence.Add(Evidence.Of(Unscannable, ("file", NameOf(part, i)), ("how", "its base64 is broken")));
            }

            if (!isWhole && FileKinds.Of(head) is (FileKind.Zip or FileKind.Gzip or FileKind.Tar or FileKind.CompoundFile or FileKind.OpaqueArchive))
            {
                head = part.Decode(message.Content.Span, options.MaxScanBytes, out _);
                isWhole = head.Length < options.MaxScanBytes;
            }

            walk.Look(NameOf(part, i), head, isWhole, 0);
            LookAtNames(walk, part.Names.Skip(1));
        }

        foreach (var file in hidden.Files)
        {
            walk.Look(file.Path, file.Octets, isWhole: true, 0);
        }

        foreach (var (path, why) in hidden.Problems)
        {
            walk.TellUnscannable(path, why);
        }

        return default;
    }

    private static void LookAtNames(ArchiveWalk walk, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            walk.Look(name, default, isWhole: false, 0);
        }
    }

    // Text that is shown and stands there as it is: the usual body.
    private static bool IsPlainText(MimePart part) =>
        part.Names.IsEmpty && part.MediaType.StartsWith("text/", StringComparison.Ordinal) && part.Encoding != MimeEncoding.Base64;

    /// <summary>What a part is called: the first name it gives itself, else by its place.</summary>
    internal static string NameOf(MimePart part, int position) => part.Names.IsEmpty
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"part {position} ({part.MediaType})")
        : part.Names[0];
}
