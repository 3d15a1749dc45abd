using System.Collections.Frozen;

namespace Tsunagi.Mail.Checks.Attachments;

/// <summary>What a name makes of a file where it is opened: Windows goes by the last extension, whatever the octets are.</summary>
internal static class FileName
{
    private static readonly FrozenDictionary<string, string> Codes = new Dictionary<string, string[]>
    {
        [AttachmentCheck.Executable] = ["exe", "com", "scr", "pif", "cpl", "dll", "sys", "drv", "ocx", "msi", "msp", "msix", "appx", "jar", "apk", "deb", "rpm", "xll", "wll", "app", "elf"],
        [AttachmentCheck.Script] = ["js", "jse", "vbs", "vbe", "wsf", "wsh", "wsc", "sct", "ps1", "psm1", "bat", "cmd", "hta", "chm", "reg", "sh", "msh", "jnlp", "inf", "ade", "adp", "mde", "gadget"],
        [AttachmentCheck.Shortcut] = ["lnk", "url", "scf", "library-ms", "settingcontent-ms", "search-ms", "appref-ms", "theme", "desktop"],
        [AttachmentCheck.DiskImage] = ["iso", "img", "vhd", "vhdx", "vmdk", "dmg", "udf"],
        [AttachmentCheck.Macro] = ["docm", "dotm", "xlsm", "xltm", "xlam", "xlsb", "pptm", "potm", "ppam", "ppsm", "sldm"],
        [AttachmentCheck.Opaque] = ["rar", "7z", "cab", "ace", "arj", "lzh", "lha", "xz", "bz2", "zst", "z"],
    }.SelectMany(static pair => pair.Value.Select(extension => (extension, pair.Key))).ToFrozenDictionary(static pair => pair.extension, static pair => pair.Key, StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenDictionary<string, FileKind> Kinds = new Dictionary<string, FileKind>
    {
        ["pdf"] = FileKind.Pdf, ["png"] = FileKind.Image, ["jpg"] = FileKind.Image, ["jpeg"] = FileKind.Image, ["gif"] = FileKind.Image, ["zip"] = FileKind.Zip, ["docx"] = FileKind.Zip,
        ["xlsx"] = FileKind.Zip, ["pptx"] = FileKind.Zip, ["doc"] = FileKind.CompoundFile, ["xls"] = FileKind.CompoundFile, ["ppt"] = FileKind.CompoundFile,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    /// <summary>The code of what such a name is opened as; null for an ordinary one.</summary>
    public static string? CodeOf(string name) => Codes.GetValueOrDefault(ExtensionOf(name));

    /// <summary>What a file of such a name would be; Unknown where the name promises nothing.</summary>
    public static FileKind KindOf(string name) => Kinds.GetValueOrDefault(ExtensionOf(name));

    // "a.exe. " is "a.exe" to Windows.
    private static string ExtensionOf(string name)
    {
        var text = name.TrimEnd(' ', '.', '\t');
        var dot = text.LastIndexOf('.');
        return dot < 0 || dot < text.LastIndexOfAny(['/', '\\']) ? "" : text[(dot + 1)..];
    }
}
