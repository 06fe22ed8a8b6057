//go:build libjpeg

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

#include "decode.h"

// failure is libjpeg's error manager with a place to go on at.
struct failure {
	struct jpeg_error_mgr manager;
	jmp_buf place;
};

static void give_up(j_common_ptr info) { longjmp(((struct failure *)info->err)->place, 1); }

// Warnings have levels below 0; what libjpeg does after one is a guess.
static void told(j_common_ptr info, int level) {
	if (level < 0) give_up(info);
}

// usual tells whether a file is of the kind that is read here.
static int usual(const struct jpeg_decompress_struct *info, unsigned height, unsigned width) {
	return info->image_height == height && info->image_width == width && info->data_precision == 8 && !info->arith_code &&
	       (info->num_components == 1 ||
	        (info->num_components == 3 && (info->jpeg_color_space == JCS_YCbCr || info->jpeg_color_space == JCS_RGB)));
}

// spread writes a row of pixels to its planes.
static void spread(const unsigned char *row, unsigned char *dst, size_t plane, unsigned width, int channels) {
	if (channels == 1) {
		for (int c = 0; c < 3; c++) memcpy(dst + c * plane, row, width);
		return;
	}
	unsigned char *red = dst, *green = dst + plane, *blue = dst + 2 * plane;
	for (unsigned x = 0; x < width; x++) {
		red[x] = row[3 * x];
		green[x] = row[3 * x + 1];
		blue[x] = row[3 * x + 2];
	}
}

int libjpeg_decode(const unsigned char *file, size_t n, unsigned char *dst, unsigned whole_height, unsigned whole_width,
                   unsigned height, unsigned width, unsigned scale) {
	struct jpeg_decompress_struct info;
	struct failure failure;
	info.err = jpeg_std_error(&failure.manager);
	failure.manager.error_exit = give_up;
	failure.manager.emit_message = told;
	if (setjmp(failure.place)) {
		jpeg_destroy_decompress(&info);
		return LIBJPEG_LEFT;
	}
	jpeg_create_decompress(&info);
	jpeg_mem_src(&info, file, n);
	jpeg_read_header(&info, TRUE);
	if (!usual(&info, whole_height, whole_width)) give_up((j_common_ptr)&info);
	info.scale_num = 1;
	info.scale_denom = scale;
	info.out_color_space = info.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
	info.dct_method = JDCT_ISLOW;
	jpeg_start_decompress(&info);
	if (info.output_height != height || info.output_width != width) give_up((j_common_ptr)&info);
	JSAMPARRAY row = (*info.mem->alloc_sarray)((j_common_ptr)&info, JPOOL_IMAGE, width * info.output_components, 1);
	while (info.output_scanline < height) {
		unsigned y = info.output_scanline;
		if (jpeg_read_scanlines(&info, row, 1) != 1) give_up((j_common_ptr)&info);
		spread(row[0], dst + (size_t)y * width, (size_t)height * width, width, info.output_components);
	}
	jpeg_finish_decompress(&info);
	jpeg_destroy_decompress(&info);
	return LIBJPEG_READ;
}
