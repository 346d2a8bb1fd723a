"""The emoji that GitHub shows for a name between colons: the names people write most, and Jira's own icons.

Names: https://api.github.com/emojis. A name that is not here stays as it is written.
"""

from __future__ import annotations

import re
from typing import Final

_NAMES = """
+1👍 thumbsup👍 -1👎 thumbsdown👎 tada🎉 rocket🚀 heart❤️ eyes👀 smile😄 smiley😃 grinning😀 grin😁 joy😂 laughing😆
satisfied😆 sweat_smile😅 rofl🤣 wink😉 blush😊 innocent😇 slightly_smiling_face🙂 upside_down_face🙃 confused😕
worried😟 frowning_face☹️ slightly_frowning_face🙁 disappointed😞 cry😢 sob😭 angry😠 rage😡 scream😱 fearful😨
flushed😳 thinking🤔 neutral_face😐 expressionless😑 no_mouth😶 smirk😏 unamused😒 roll_eyes🙄 relieved😌 pensive😔
sleepy😪 sleeping😴 dizzy_face😵 sunglasses😎 nerd_face🤓 stuck_out_tongue😛 stuck_out_tongue_winking_eye😜 yum😋
kissing_heart😘 heart_eyes😍 hugs🤗 shushing_face🤫 sweat😓 cold_sweat😰 open_mouth😮 astonished😲 tired_face😫
weary😩 triumph😤 facepalm🤦 shrug🤷 raised_hands🙌 clap👏 pray🙏 wave👋 muscle💪 ok_hand👌 point_up☝️ point_right👉
point_left👈 point_up_2👆 point_down👇 fist✊ v✌️ crossed_fingers🤞 raising_hand🙋 bow🙇 man👨 woman👩 robot🤖 ghost👻
skull💀 poop💩 hankey💩 see_no_evil🙈 hear_no_evil🙉 speak_no_evil🙊 monkey🐒 cat🐱 dog🐶 bug🐛 ant🐜 bee🐝 snake🐍
penguin🐧 whale🐳 octopus🐙 unicorn🦄 snail🐌 turtle🐢 beetle🪲 white_check_mark✅ heavy_check_mark✔️
ballot_box_with_check☑️ x❌ negative_squared_cross_mark❎ heavy_multiplication_x✖️ warning⚠️ exclamation❗
heavy_exclamation_mark❗ question❓ grey_question❔ grey_exclamation❕ bangbang‼️ interrobang⁉️ no_entry⛔ no_entry_sign🚫
information_source ℹ️ heavy_plus_sign➕ heavy_minus_sign➖ bulb💡 memo📝 pencil📝 pencil2✏️ book📖 books📚 bookmark🔖
page_facing_up📄 page_with_curl📃 clipboard📋 pushpin📌 paperclip📎 link🔗 lock🔒 unlock🔓 key🔑 mag🔍 mag_right🔎
wrench🔧 hammer🔨 hammer_and_wrench🛠️ gear⚙️ nut_and_bolt🔩 construction🚧 rotating_light🚨 fire🔥 boom💥 sparkles✨
star⭐ star2🌟 zap⚡ sunny☀️ cloud☁️ umbrella☔ snowflake❄️ rainbow🌈 ocean🌊 earth_africa🌍 globe_with_meridians🌐
package📦 gift🎁 balloon🎈 confetti_ball🎊 birthday🎂 trophy🏆 1st_place_medal🥇 medal_sports🏅 dart🎯 art🎨
musical_note🎵 bell🔔 no_bell🔕 mega📣 loudspeaker📢 speech_balloon💬 thought_balloon💭 email📧
envelope✉️ inbox_tray📥 outbox_tray📤
calendar📆 date📅 alarm_clock⏰ hourglass⌛ hourglass_flowing_sand⏳ stopwatch⏱️ watch⌚ computer💻
desktop_computer🖥️ iphone📱 phone☎️ camera📷 video_camera📹 tv📺 floppy_disk💾 cd💿 battery🔋 electric_plug🔌
chart_with_upwards_trend📈 chart_with_downwards_trend📉 bar_chart📊 moneybag💰 dollar💵 credit_card💳 shopping_cart🛒
coffee☕ beer🍺 beers🍻 pizza🍕 apple🍎 lemon🍋 cherries🍒 cake🍰 cookie🍪 popcorn🍿 wine_glass🍷 champagne🍾
seedling🌱 evergreen_tree🌲 four_leaf_clover🍀 maple_leaf🍁 herb🌿 cactus🌵 rose🌹 sunflower🌻 recycle♻️
arrow_up⬆️ arrow_down⬇️ arrow_left⬅️ arrow_right➡️ arrow_forward▶️ arrows_counterclockwise🔄 repeat🔁 fast_forward⏩
leftwards_arrow_with_hook↩️ soon🔜 back🔙 new🆕 up🆙 ok🆗 cool🆒 free🆓 sos🆘 100💯 red_circle🔴 large_blue_circle🔵
white_circle⚪ black_circle⚫ green_circle🟢 yellow_circle🟡 orange_circle🟠 purple_circle🟣 large_orange_diamond🔶
small_blue_diamond🔹 small_red_triangle🔺 triangular_flag_on_post🚩 checkered_flag🏁 ship🚢 car🚗 bus🚌 train🚆 bike🚲
airplane✈️ house🏠 office🏢 factory🏭 hospital🏥 school🏫 lipstick💄 alien👽 imp👿 handshake🤝 broken_heart💔
blue_heart💙 green_heart💚 yellow_heart💛 purple_heart💜 sparkling_heart💖 two_hearts💕 test_tube🧪 microscope🔬
adhesive_bandage🩹 ambulance🚑 truck🚚 wastebasket🗑️ card_file_box🗃️ file_folder📁 open_file_folder📂 label🏷️ lady_beetle🐞
"""
_ENTRY = re.compile(r"([a-z0-9_+-]+?)\s?([^\sa-z0-9_+-][^\s]*)")
SHORTCODES: Final = dict(_ENTRY.findall(_NAMES))
SHORTCODE = re.compile(r"(?<![A-Za-z0-9:]):([a-z0-9_+-]{1,40}):")
"""A name between colons, whether GitHub knows it or not."""


def with_emoji(text: str) -> str:
    """Text in which the names GitHub knows are the characters it shows."""
    return SHORTCODE.sub(lambda found: SHORTCODES.get(found[1], found[0]), text) if ":" in text else text
